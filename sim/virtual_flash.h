// A serial NOR flash at the pins of a virtual board, as far as hwgen/gateware/flash knows one.
//
// Its contents are a file, which outlives the program: each program is one time with power. What an
// erase or a page program leaves when it is cut short is in the file from its beginning on: some
// bits done, some not. So whoever kills the program meanwhile cuts the power.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

class Flash {
public:
    // A file of a power of two bytes, of which addresses count modulo the size; cycles for which an
    // erase or a page program takes; a fault: "none", "high" or "low" (it is not there, and its pin
    // is that), "busy" (for ever), "flip:N" (the N-th bit that a fast read gives is wrong).
    Flash(const std::string &path, uint64_t erase, uint64_t program, const std::string &fault)
        : path_(path), fault_(fault), erase_(erase), program_(program), random_(std::random_device{}()) {
        if (fault.rfind("flip:", 0) == 0) flip_ = std::stoull(fault.substr(5));
        std::FILE *file = std::fopen(path.c_str(), "rb");
        if (!file) fail();
        int byte;
        while ((byte = std::fgetc(file)) != EOF) data_.push_back(uint8_t(byte));
        std::fclose(file);
        if (data_.size() < SECTOR || (data_.size() & (data_.size() - 1))) {
            std::fprintf(stderr, "%s must be a power of two of bytes, at least %zu\n", path.c_str(), SECTOR);
            std::exit(1);
        }
    }
    bool active() const { return cs_ || busy_ > 0; }

    // What is driven (bit 0: selected, 1: clock, 2: data in); returns data out.
    unsigned step(unsigned driven) {
        if (busy_ > 0 && --busy_ == 0) finish();
        const bool cs = driven & 1, sck = driven >> 1 & 1;
        if (cs && !cs_) {
            bits_ = 0;
            bytes_.clear();
        }
        if (cs_ && !cs) obey();
        if (cs && sck && !sck_) take(driven >> 2 & 1);
        if (cs && !sck && sck_) give();
        cs_ = cs;
        sck_ = sck;
        if (fault_ == "low") return 0;
        return fault_ == "high" || !cs ? 1 : out_;
    }

private:
    enum { READ = 0x03, FAST_READ = 0x0b, WRITE_ENABLE = 0x06, ERASE = 0x20, PROGRAM = 0x02, STATUS = 0x05 };
    static constexpr size_t SECTOR = 4096, PAGE = 256;
    const std::string path_, fault_;
    const uint64_t erase_, program_;
    std::mt19937 random_;
    std::vector<uint8_t> data_, after_, bytes_;
    bool cs_ = false, sck_ = false, enabled_ = false;
    uint64_t busy_ = 0, given_ = 0, flip_ = 0;
    unsigned bits_ = 0, shift_ = 0, out_ = 1;

    void fail() const {
        std::perror(path_.c_str());
        std::exit(1);
    }
    void keep(const std::vector<uint8_t> &data) const {
        const std::string part = path_ + ".part";
        std::FILE *file = std::fopen(part.c_str(), "wb");
        if (!file || std::fwrite(data.data(), 1, data.size(), file) != data.size() || std::fclose(file)) fail();
        if (std::rename(part.c_str(), path_.c_str())) fail();
    }
    bool gone() const { return fault_ == "high" || fault_ == "low"; }
    bool busy() const { return busy_ > 0 || fault_ == "busy"; }
    void take(unsigned bit) {
        shift_ = (shift_ << 1 | bit) & 0xff;
        if (++bits_ % 8 == 0) bytes_.push_back(uint8_t(shift_));
    }
    size_t address() const { return size_t(bytes_[1]) << 16 | size_t(bytes_[2]) << 8 | bytes_[3]; }
    void give() {
        out_ = 1;
        if (bytes_.empty()) return;
        const unsigned place = 7 - bits_ % 8;
        if (bytes_[0] == FAST_READ && bytes_.size() >= 5 && !busy()) {
            out_ = data_[(address() + bits_ / 8 - 5) % data_.size()] >> place & 1;
            if (++given_ == flip_) out_ ^= 1;
        }
        if (bytes_[0] == STATUS) out_ = (unsigned(busy()) | unsigned(enabled_) << 1) >> place & 1;
        if (bytes_[0] == READ && bytes_.size() >= 4 && !busy())
            out_ = data_[(address() + bits_ / 8 - 4) % data_.size()] >> place & 1;
    }
    // A command that changes anything is done when the flash is let go, behind a whole byte.
    void obey() {
        if (bits_ % 8 || bytes_.empty() || busy() || gone()) return;
        if (bytes_[0] == WRITE_ENABLE) enabled_ = true;
        const bool erase = bytes_[0] == ERASE && bytes_.size() == 4;
        const bool program = bytes_[0] == PROGRAM && bytes_.size() > 4;
        if (!enabled_ || !(erase || program)) return;
        after_ = data_;
        const size_t at = address() % data_.size();
        if (erase)
            for (size_t place = 0; place < SECTOR; ++place) after_[at / SECTOR * SECTOR + place] = 0xff;
        for (size_t k = 4; program && k < bytes_.size(); ++k)
            after_[at / PAGE * PAGE + (at + k - 4) % PAGE] &= bytes_[k];
        std::vector<uint8_t> cut = data_;
        for (size_t place = 0; place < cut.size(); ++place) {
            const uint8_t done = uint8_t(random_());
            cut[place] = uint8_t((cut[place] & ~done) | (after_[place] & done));
        }
        keep(cut);
        busy_ = erase ? erase_ : program_;
        if (busy_ == 0) finish();
    }
    void finish() {
        data_ = after_;
        keep(data_);
        busy_ = 0;
        enabled_ = false;
    }
};
