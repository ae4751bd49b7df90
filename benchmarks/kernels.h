/* Layers of a network in single precision, for one window; sizes are constants where these are
 * called, so that the compiler makes a loop of its own of each. Values are channel by channel.
 *
 * compiled.py writes the calls. SCRATCH is the room for what a convolution reads, in floats.
 */
#include <math.h>
#include <string.h>
#include <time.h>

#define INLINE static inline __attribute__((always_inline))
#define BLOCK 16 /* positions at a time: their sums stay in registers */
#define UNROLL _Pragma("GCC unroll 4")

typedef float sums __attribute__((vector_size(4 * BLOCK)));
typedef float reads __attribute__((vector_size(4 * BLOCK), aligned(4)));

static float scratch[SCRATCH] __attribute__((aligned(64)));

/* Copies channels with zeros before and behind, cut into the positions that a stride apart meet the
 * same tap: so the loops over positions read floats side by side. */
INLINE void spread(const float *x, int channels, int length, int stride, int span, int left)
{
    for (int c = 0; c < channels; c++)
        for (int s = 0; s < stride; s++) {
            float *to = scratch + (c * stride + s) * span;
            for (int i = 0; i < span; i++) {
                int at = i * stride + s - left;
                to[i] = at >= 0 && at < length ? x[c * length + at] : 0;
            }
        }
}

/* Weights are [filters / wide][channels / groups][kernel][wide]; skip may be 0. */
INLINE void conv(const float *restrict x, const float *restrict w, const float *restrict b,
                 const float *restrict skip, float *restrict y, int channels, int length,
                 int filters, int positions, int kernel, int stride, int dilation, int left,
                 int groups, int relu, int wide)
{
    int each = channels / groups;
    int span = positions + (kernel - 1) * dilation / stride + BLOCK;
    spread(x, channels, length, stride, span, left);
    for (int f = 0; f < filters; f += wide) {
        const float *from = scratch + f / (filters / groups) * each * stride * span;
        for (int p = 0; p < positions; p += BLOCK) {
            sums sum[4];
            const float *at = w + f * each * kernel;
            UNROLL for (int u = 0; u < wide; u++)
                sum[u] = b[f + u] - (sums){0};
            for (int c = 0; c < each; c++)
                for (int k = 0; k < kernel; k++, at += wide) {
                    reads s = *(const reads *)(from + (c * stride + k * dilation % stride) * span +
                                               k * dilation / stride + p);
                    UNROLL for (int u = 0; u < wide; u++)
                        sum[u] += at[u] * s;
                }
            int rest = positions - p < BLOCK ? positions - p : BLOCK;
            for (int u = 0; u < wide; u++)
                for (int i = 0; i < rest; i++) {
                    int to = (f + u) * positions + p + i;
                    float v = sum[u][i] + (skip ? skip[to] : 0);
                    y[to] = relu && v < 0 ? 0 : v;
                }
        }
    }
}

INLINE void dense(const float *restrict x, const float *restrict w, const float *restrict b,
                  float *restrict y, int inputs, int outputs, int relu)
{
    for (int o = 0; o < outputs; o++) {
        float sum = 0;
        for (int i = 0; i < inputs; i++)
            sum += w[o * inputs + i] * x[i];
        sum += b[o];
        y[o] = relu && sum < 0 ? 0 : sum;
    }
}

INLINE void maxpool(const float *restrict x, float *restrict y, int channels, int length,
                    int positions, int size, int stride, int padding)
{
    for (int c = 0; c < channels; c++)
        for (int p = 0; p < positions; p++) {
            int begin = p * stride - padding, end = begin + size;
            begin = begin < 0 ? 0 : begin;
            end = end > length ? length : end;
            float most = x[c * length + begin];
            for (int i = begin + 1; i < end; i++)
                most = x[c * length + i] > most ? x[c * length + i] : most;
            y[c * positions + p] = most;
        }
}

/* What padding adds is zeros, which count. */
INLINE void avgpool(const float *restrict x, float *restrict y, int channels, int length,
                    int positions, int size, int stride, int padding)
{
    for (int c = 0; c < channels; c++)
        for (int p = 0; p < positions; p++) {
            int begin = p * stride - padding, end = begin + size;
            begin = begin < 0 ? 0 : begin;
            end = end > length ? length : end;
            float sum = 0;
            for (int i = begin; i < end; i++)
                sum += x[c * length + i];
            y[c * positions + p] = sum / size;
        }
}

/* A value beside another: how far it is from one channel to the next, and from one position to the
 * next; 0 where it has only one, for all. */
struct beside {
    int channel, position;
};

INLINE void add(const float *restrict x, struct beside xs, const float *restrict other,
                struct beside os, float *restrict y, int channels, int length, int relu)
{
    for (int c = 0; c < channels; c++)
        for (int p = 0; p < length; p++) {
            float v = x[c * xs.channel + p * xs.position] +
                      other[c * os.channel + p * os.position];
            y[c * length + p] = relu && v < 0 ? 0 : v;
        }
}

INLINE void multiply(const float *restrict x, struct beside xs, const float *restrict other,
                     struct beside os, float *restrict y, int channels, int length)
{
    for (int c = 0; c < channels; c++)
        for (int p = 0; p < length; p++)
            y[c * length + p] = x[c * xs.channel + p * xs.position] *
                                other[c * os.channel + p * os.position];
}

/* Some positions of each channel. */
INLINE void cut(const float *restrict x, float *restrict y, int channels, int length, int begin,
                int count)
{
    for (int c = 0; c < channels; c++)
        memcpy(y + c * count, x + c * length + begin, count * sizeof *y);
}

INLINE void function(float (*of)(float), const float *restrict x, float *restrict y, int count)
{
    for (int i = 0; i < count; i++)
        y[i] = of(x[i]);
}

INLINE float relu(float x) { return x < 0 ? 0 : x; }
INLINE float sigmoid(float x) { return 1 / (1 + expf(-x)); }
