// Sensor parts at the pins of a virtual board: each plays a recording, over and over.
//
// A part is stepped once a clock cycle with what the board drives, bit by bit in the order of
// hwgen/gateware/sensors/part.py, and gives what the board then sees. How well a receiver keeps to a part's
// timing is not judged here: tests/boards/parts.py does that.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

// Samples of a file, 32-bit little-endian integers, behind some zeros.
class Recording {
public:
    Recording(const char *path, long zeros) : zeros_(zeros) {
        std::FILE *file = std::fopen(path, "rb");
        if (!file) {
            std::perror(path);
            std::exit(1);
        }
        unsigned char raw[4];
        while (std::fread(raw, 1, 4, file) == 4)
            samples_.push_back(int32_t(uint32_t(raw[0]) | uint32_t(raw[1]) << 8 | uint32_t(raw[2]) << 16 |
                                       uint32_t(raw[3]) << 24));
        std::fclose(file);
        if (samples_.empty()) {
            std::fprintf(stderr, "%s must hold at least one sample\n", path);
            std::exit(1);
        }
    }
    int32_t next() {
        if (zeros_ > 0) {
            --zeros_;
            return 0;
        }
        const int32_t value = samples_[at_];
        at_ = (at_ + 1) % samples_.size();
        return value;
    }

private:
    std::vector<int32_t> samples_;
    size_t at_ = 0;
    long zeros_;
};

class Part {
public:
    virtual ~Part() = default;
    virtual unsigned step(unsigned driven) = 0;

protected:
    // An input of the part.
    class Line {
    public:
        explicit Line(int level) : level_(level) {}
        int look(unsigned level) {  // 1: it rises, -1: it falls
            const int edge = int(level & 1) - level_;
            level_ += edge;
            return edge;
        }
        int level() const { return level_; }

    private:
        int level_;
    };
};

// I2S, left channel: a sample's bits, most significant first, one SCK behind the fall of WS.
class I2s : public Part {
public:
    I2s(Recording recording, int bits) : recording_(std::move(recording)), bits_(bits) {}
    unsigned step(unsigned driven) override {
        head_ |= ws_.look(driven >> 1) == -1;
        if (sck_.look(driven) == -1) {
            ++bit_;
            if (head_) {
                head_ = false;
                bit_ = 0;
                word_ = uint32_t(recording_.next());
            }
            out_ = 1 <= bit_ && bit_ <= bits_ ? word_ >> (bits_ - bit_) & 1 : 0;
        }
        return out_;
    }

private:
    Recording recording_;
    const int bits_;
    Line sck_{0}, ws_{1};  // the frame that the board begins with is one of those it drops
    bool head_ = false;
    int bit_ = 0;
    uint32_t word_ = 0;
    unsigned out_ = 0;
};

// A converter that SCK clocks out, straight binary, `lead` periods after CS falls.
class Converter : public Part {
public:
    Converter(Recording recording, int bits, int lead)
        : recording_(std::move(recording)), bits_(bits), lead_(lead) {}
    unsigned step(unsigned driven) override {
        if (cs_.look(driven) == -1) {
            code_ = uint32_t(recording_.next()) + (1u << (bits_ - 1));
            falls_ = 0;
        }
        if (sck_.look(driven >> 1) == -1) {
            const int place = ++falls_ - lead_;  // 0: the most significant bit comes
            out_ = 0 <= place && place < bits_ ? code_ >> (bits_ - 1 - place) & 1 : 0;
        }
        return out_;
    }

private:
    Recording recording_;
    const int bits_, lead_;
    Line cs_{1}, sck_{0};
    int falls_ = 0;
    uint32_t code_ = 0;
    unsigned out_ = 0;
};

// IIS3DWB: SPI mode 3, the registers that matter, a sample every `period` cycles while XL_EN is
// 101, INT1 high until its high byte has been read.
class Iis3dwb : public Part {
public:
    Iis3dwb(Recording recording, double period) : recording_(std::move(recording)), period_(period) {
        registers_[WHO_AM_I] = 0x7b;
    }
    unsigned step(unsigned driven) override {
        if (registers_[CTRL1] >> 5 != 5) {
            due_ = double(cycle_) + period_;
        } else if (double(cycle_) >= due_) {
            due_ += period_;
            sample_ = uint16_t(recording_.next());
            ready_ = true;
        }
        ++cycle_;
        if (cs_.look(driven)) bits_ = 0;
        const int edge = sck_.look(driven >> 1);
        if (!cs_.level() && edge == 1) {
            shift_ = shift_ << 1 | (driven >> 2 & 1);
            if (++bits_ % 8 == 0) byte();
        }
        if (!cs_.level() && edge == -1) out_ = bits_ >= 8 ? reply_ >> (7 - bits_ % 8) & 1 : 0;
        const bool told = ready_ && (registers_[INT1_CTRL] & 1);
        return out_ | unsigned(told) << 1;
    }

private:
    enum { INT1_CTRL = 0x0d, WHO_AM_I = 0x0f, CTRL1 = 0x10, CTRL3 = 0x12, OUT_Z = 0x2c };
    Recording recording_;
    const double period_;
    std::array<uint8_t, 128> registers_{};
    Line cs_{1}, sck_{1};
    uint64_t cycle_ = 0;
    double due_ = 0;
    uint16_t sample_ = 0, latched_ = 0;
    bool ready_ = false;
    int bits_ = 0;
    uint8_t shift_ = 0, head_ = 0;
    unsigned reply_ = 0, out_ = 0;

    void byte() {
        const int count = bits_ / 8;
        if (count == 1) head_ = shift_;
        if (head_ & 0x80)
            reply_ = read((head_ & 0x7f) + count - 1);
        else if (count == 2)
            write(head_, shift_);
    }
    uint8_t read(int address) {
        if (address == OUT_Z) return uint8_t(latched_ = sample_);
        if (address == OUT_Z + 1) {
            ready_ = false;
            return uint8_t(latched_ >> 8);
        }
        return registers_[address & 0x7f];
    }
    void write(int address, uint8_t value) {
        if (address == CTRL3 && value & 1) {
            registers_.fill(0);
            registers_[WHO_AM_I] = 0x7b;
            ready_ = false;
        } else {
            registers_[address & 0x7f] = value;
        }
    }
};

// KIND FILE ZEROS and what the kind needs: as hwgen/gateware/sensors/part.py and hwgen/link/virtual.py say it.
inline std::unique_ptr<Part> make_part(int count, char **words) {
    const std::string kind = count > 3 ? words[0] : "";
    if (kind.empty()) return nullptr;
    Recording recording(words[1], std::atol(words[2]));
    if (kind == "i2s") return std::make_unique<I2s>(std::move(recording), std::atoi(words[3]));
    if (kind == "converter" && count > 4)
        return std::make_unique<Converter>(std::move(recording), std::atoi(words[3]), std::atoi(words[4]));
    if (kind == "iis3dwb") return std::make_unique<Iis3dwb>(std::move(recording), std::atof(words[3]));
    return nullptr;
}
