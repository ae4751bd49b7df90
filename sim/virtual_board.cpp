// A board top compiled by Verilator, behind a pseudo-terminal: bytes of the terminal become bits
// on its serial pins and back, at the exact bit time.
//
// Usage: Vboard DIVISOR QUIET_CYCLES [flash FILE ERASE PROGRAM FAULT] [KIND FILE ZEROS ...]
//
// With "flash" a flash (sim/virtual_flash.h) is at the board's pins for one.
// With a KIND (sim/virtual_parts.h) a sensor part is at the board's other pins, and plays FILE.
//
// First line of output: "port PATH". Then commands are read from standard input, a line each, and
// answered with a line each. AT is a byte's number since the start; what is past is done at the
// next byte.
//
//   flip AT BIT            invert a bit (0: start, 1 to 8: data, 9: stop) of a byte from the host
//   drop AT                lose a byte from the host
//   insert AT VALUE        put a byte before it
//   stall AT BITS          leave the line idle before it
//   break AT BITS          hold the line low before it
//   spike AT CYCLE CYCLES  invert the line for some cycles within the byte
//   baud AT COUNT PERMILLE send COUNT bytes at another bit time (1000: the right one)
//   reset AT               reset the board before it
//   answer-flip AT BIT     invert a data bit (0 to 7) of a byte to the host
//   answer-drop AT         lose a byte to the host
//   count                  answer: bytes from the host, bytes to it, faults done, cycles, and 1 if
//                          it is quiet
//
// It is quiet when the lines have been idle for QUIET_CYCLES, the board and its flash not busy, and there is
// nothing to send: then nothing can happen, and time stands still; with a sensor part it goes on.

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fcntl.h>
#include <iostream>
#include <map>
#include <memory>
#include <poll.h>
#include <sstream>
#include <string>
#include <termios.h>
#include <unistd.h>

#include "Vboard.h"
#include "verilated.h"
#include "virtual_flash.h"
#include "virtual_parts.h"

namespace {

constexpr int RESET_CYCLES = 8;
constexpr int FLASH_WORDS = 5;
constexpr uint64_t FIRST_BYTE = 1000;  // cycles from power-up to the first byte

struct Fault {
    std::string kind;
    long first = 0, second = 0;
};

using Faults = std::multimap<uint64_t, Fault>;

// A pseudo-terminal in raw mode. The far end stays open here: a host may come and go.
class Terminal {
public:
    Terminal() {
        fd_ = posix_openpt(O_RDWR | O_NOCTTY);
        if (fd_ < 0 || grantpt(fd_) || unlockpt(fd_)) fail("pseudo-terminal");
        path_ = ptsname(fd_);
        int far = open(path_.c_str(), O_RDWR | O_NOCTTY);
        termios mode;
        if (far < 0 || tcgetattr(far, &mode)) fail(path_.c_str());
        cfmakeraw(&mode);
        tcsetattr(far, TCSANOW, &mode);
        fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
    }
    static void fail(const char *what) {
        std::perror(what);
        std::exit(1);
    }
    const std::string &path() const { return path_; }
    int fd() const { return fd_; }
    void read_into(std::deque<uint8_t> &bytes) {
        uint8_t buffer[64];
        ssize_t size = read(fd_, buffer, sizeof buffer);
        for (ssize_t k = 0; k < size; ++k) bytes.push_back(buffer[k]);
    }
    // As on a real line, what nobody reads in time is lost.
    void put(uint8_t byte) {
        if (write(fd_, &byte, 1) < 0 && errno != EAGAIN && errno != EIO) fail("write");
    }

private:
    int fd_;
    std::string path_;
};

// From bytes to the level of the board's rx pin, one cycle at a time.
class Sender {
public:
    Sender(int divisor, Faults &faults) : divisor_(divisor), faults_(faults) {}
    uint64_t count = 0, done = 0;
    bool reset = false;

    bool idle() const { return segments_.empty() && queue.empty(); }
    std::deque<uint8_t> queue;

    int level() {
        if (segments_.empty() && !queue.empty()) next();
        int value = 1;
        if (!segments_.empty()) {
            value = segments_.front().level;
            if (--segments_.front().cycles == 0) segments_.pop_front();
        }
        if (spike_ > 0 && ++at_ > spike_from_) {
            value ^= 1;
            --spike_;
        }
        return value;
    }

private:
    struct Segment {
        int level;
        long cycles;
    };
    int divisor_;
    Faults &faults_;
    std::deque<Segment> segments_;
    long slow_bytes_ = 0, permille_ = 1000;
    long spike_ = 0, spike_from_ = 0, at_ = 0;

    void hold(int level, long cycles) {
        if (cycles > 0) segments_.push_back({level, cycles});
    }
    void byte(unsigned frame) {
        long permille = slow_bytes_ > 0 ? permille_ : 1000;
        if (slow_bytes_ > 0) --slow_bytes_;
        // Bit edges are rounded one by one, so that a byte is as long as it should be.
        for (long bit = 0; bit < 10; ++bit)
            hold(frame >> bit & 1, divisor_ * permille * (bit + 1) / 1000 - divisor_ * permille * bit / 1000);
    }
    void next() {
        uint8_t value = queue.front();
        queue.pop_front();
        unsigned frame = 0x200u | unsigned(value) << 1;
        bool lost = false;
        while (!faults_.empty() && faults_.begin()->first <= count) {
            const Fault fault = faults_.begin()->second;
            faults_.erase(faults_.begin());
            ++done;
            if (fault.kind == "flip") frame ^= 1u << fault.first;
            if (fault.kind == "drop") lost = true;
            if (fault.kind == "insert") byte(0x200u | unsigned(fault.first & 0xff) << 1);
            if (fault.kind == "stall") hold(1, fault.first * divisor_);
            if (fault.kind == "reset") reset = true;
            if (fault.kind == "break") {
                hold(0, fault.first * divisor_);
                hold(1, divisor_);
            }
            if (fault.kind == "spike") {
                spike_ = fault.second;
                spike_from_ = fault.first;
                at_ = 0;
            }
            if (fault.kind == "baud") {
                slow_bytes_ = fault.first;
                permille_ = fault.second;
            }
        }
        ++count;
        if (!lost) byte(frame);
    }
};

// From the level of the board's tx pin to bytes.
class Listener {
public:
    Listener(int divisor, Faults &faults) : divisor_(divisor), faults_(faults) {}
    uint64_t count = 0, done = 0;
    bool idle() const { return timer_ == 0; }

    void sample(int level, Terminal &terminal) {
        if (timer_ == 0) {
            if (level) return;
            timer_ = divisor_ + divisor_ / 2;
            bit_ = 0;
            value_ = 0;
        } else if (--timer_ == 0) {
            if (bit_ == 8) {
                finish(terminal);
                return;
            }
            value_ |= unsigned(level) << bit_++;
            timer_ = divisor_;
        }
    }

private:
    int divisor_;
    Faults &faults_;
    int timer_ = 0, bit_ = 0;
    unsigned value_ = 0;

    void finish(Terminal &terminal) {
        bool lost = false;
        while (!faults_.empty() && faults_.begin()->first <= count) {
            const Fault fault = faults_.begin()->second;
            faults_.erase(faults_.begin());
            ++done;
            if (fault.kind == "answer-flip") value_ ^= 1u << fault.first;
            if (fault.kind == "answer-drop") lost = true;
        }
        ++count;
        if (!lost) terminal.put(uint8_t(value_));
    }
};

class Control {
public:
    Control(Sender &sender, Listener &listener, Faults &to_board, Faults &to_host)
        : sender_(sender), listener_(listener), to_board_(to_board), to_host_(to_host) {
        fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
    }
    void look(uint64_t cycles, bool quiet) {
        char buffer[4096];
        ssize_t size;
        while ((size = read(0, buffer, sizeof buffer)) > 0) text_.append(buffer, size);
        if (size == 0) std::exit(0);  // whoever started it is gone
        size_t end;
        while ((end = text_.find('\n')) != std::string::npos) {
            obey(text_.substr(0, end), cycles, quiet);
            text_.erase(0, end + 1);
        }
    }

private:
    Sender &sender_;
    Listener &listener_;
    Faults &to_board_, &to_host_;
    std::string text_;

    void obey(const std::string &line, uint64_t cycles, bool quiet) {
        std::istringstream words(line);
        Fault fault;
        uint64_t at = 0;
        words >> fault.kind;
        if (fault.kind == "count") {
            std::cout << sender_.count << ' ' << listener_.count << ' '
                      << sender_.done + listener_.done << ' ' << cycles << ' ' << quiet << std::endl;
            return;
        }
        words >> at >> fault.first >> fault.second;
        bool answer = fault.kind.rfind("answer-", 0) == 0;
        (answer ? to_host_ : to_board_).emplace(at, fault);
        std::cout << "ok" << std::endl;
    }
};

}  // namespace

int main(int argc, char **argv) {
    if (argc < 3) {
        std::cerr << "usage: Vboard DIVISOR QUIET_CYCLES [flash FILE ERASE PROGRAM FAULT] [KIND FILE ZEROS ...]\n";
        return 2;
    }
    const int divisor = std::atoi(argv[1]);
    const uint64_t quiet_cycles = std::strtoull(argv[2], nullptr, 10);
    std::unique_ptr<Flash> flash;
    int at = 3;
    if (argc >= at + FLASH_WORDS && std::string(argv[at]) == "flash") {
        flash = std::make_unique<Flash>(argv[at + 1], std::strtoull(argv[at + 2], nullptr, 10),
                                        std::strtoull(argv[at + 3], nullptr, 10), argv[at + 4]);
        at += FLASH_WORDS;
    }
    const std::unique_ptr<Part> part = make_part(argc - at, argv + at);
    if (argc > at && !part) {
        std::cerr << "no such part: " << argv[at] << "\n";
        return 2;
    }
    const auto context = std::make_unique<VerilatedContext>();
    context->randReset(2);
    context->randSeed(1);
    const auto board = std::make_unique<Vboard>(context.get());

    Faults to_board, to_host;
    Terminal terminal;
    Sender sender(divisor, to_board);
    Listener listener(divisor, to_host);
    Control control(sender, listener, to_board, to_host);
    std::cout << "port " << terminal.path() << std::endl;

    uint64_t cycles = 0, idle_cycles = 0;
    bool quiet = false;
    int in_reset = RESET_CYCLES;
    for (;; ++cycles) {
        if (sender.idle() && cycles % 64 == 0 && cycles >= FIRST_BYTE) {
            do {
                // First: a command must be there before the bytes that it is about.
                control.look(cycles, quiet);
                terminal.read_into(sender.queue);
                quiet = idle_cycles > quiet_cycles && sender.idle();
                if (quiet && !part) {
                    pollfd waiting[] = {{0, POLLIN, 0}, {terminal.fd(), POLLIN, 0}};
                    poll(waiting, 2, -1);
                }
            } while (quiet && !part);
        }
        board->rx = sender.level();
        if (sender.reset) {
            sender.reset = false;
            in_reset = RESET_CYCLES;
        }
        board->rst = in_reset > 0;
        if (in_reset > 0) --in_reset;
        board->clk = 0;
        board->eval();
        board->clk = 1;
        board->eval();
        if (part) board->from_part = part->step(board->to_part);
        board->from_flash = flash ? flash->step(board->to_flash) : 1;
        listener.sample(board->tx, terminal);
        const bool written = flash && flash->active();
        const bool active = !sender.idle() || !listener.idle() || board->busy || written;
        idle_cycles = active ? 0 : idle_cycles + 1;
    }
}
