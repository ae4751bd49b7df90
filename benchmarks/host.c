/* One window to its class on one thread: real FFT, magnitude, convolution, pooling, dense layer.
 *
 * Sizes come as macros: WINDOW (a power of two), FILTERS, KERNEL, STRIDE, PADDING, POOL, CLASSES.
 */
#include <string.h>
#include <time.h>

#include "fft.h"

#define POSITIONS ((POINTS + 2 * PADDING - KERNEL) / STRIDE + 1)
#define POOLED (POSITIONS / POOL)
#define INPUTS (FILTERS * POOLED)

static float conv_weight[FILTERS][KERNEL] ALIGNED, conv_bias[FILTERS];
static float dense_weight[CLASSES][INPUTS] ALIGNED, dense_bias[CLASSES];
static float padded[POINTS + 2 * PADDING] ALIGNED;

void prepare(const float *cw, const float *cb, const float *dw, const float *db)
{
    memcpy(conv_weight, cw, sizeof conv_weight);
    memcpy(conv_bias, cb, sizeof conv_bias);
    memcpy(dense_weight, dw, sizeof dense_weight);
    memcpy(dense_bias, db, sizeof dense_bias);
    prepare_fft();
}

/* Features to logits; returns the first of the largest. */
int layers(const float *restrict f, float *restrict logits)
{
    float pooled[INPUTS] ALIGNED;
    memcpy(padded + PADDING, f, POINTS * sizeof *f);
    for (int j = 0; j < POOLED; j++)
        for (int c = 0; c < FILTERS; c++) {
            float most = 0; /* ReLU and pooling at once */
            for (int i = 0; i < POOL; i++) {
                const float *at = padded + (j * POOL + i) * STRIDE;
                float sum = 0;
                for (int t = 0; t < KERNEL; t++)
                    sum += at[t] * conv_weight[c][t];
                sum += conv_bias[c];
                most = sum > most ? sum : most;
            }
            pooled[c * POOLED + j] = most;
        }
    int best = 0;
    for (int k = 0; k < CLASSES; k++) {
        float sum = 0;
        for (int i = 0; i < INPUTS; i++)
            sum += pooled[i] * dense_weight[k][i];
        logits[k] = sum + dense_bias[k];
        best = logits[k] > logits[best] ? k : best;
    }
    return best;
}

int classify(const float *x, float *logits)
{
    static float f[POINTS] ALIGNED;
    features(x, f);
    return layers(f, logits);
}

/* Nanoseconds of each of `runs` calls: 0 classify, 1 features, 2 layers (of the first POINTS
 * values); the windows take turns. */
void timed(int what, const float *windows, int count, int runs, long long *ns)
{
    static float f[POINTS] ALIGNED, logits[CLASSES];
    for (int run = 0; run < runs; run++) {
        const float *x = windows + (size_t)(run % count) * WINDOW;
        struct timespec begin, end;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        if (what == 0)
            classify(x, logits);
        else if (what == 1)
            features(x, f);
        else
            layers(x, logits);
        clock_gettime(CLOCK_MONOTONIC, &end);
        ns[run] = (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec;
    }
}
