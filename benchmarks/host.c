/* One window to its class on one thread: real FFT, magnitude, convolution, pooling, dense layer.
 *
 * Sizes come as macros: WINDOW (a power of two), FILTERS, KERNEL, STRIDE, PADDING, POOL, CLASSES.
 */
#include <math.h>
#include <string.h>
#include <time.h>

#define POINTS (WINDOW / 2)
#define POSITIONS ((POINTS + 2 * PADDING - KERNEL) / STRIDE + 1)
#define POOLED (POSITIONS / POOL)
#define INPUTS (FILTERS * POOLED)
#define ALIGNED __attribute__((aligned(64)))

static float conv_weight[FILTERS][KERNEL] ALIGNED, conv_bias[FILTERS];
static float dense_weight[CLASSES][INPUTS] ALIGNED, dense_bias[CLASSES];
static float cosine[WINDOW] ALIGNED, sine[WINDOW] ALIGNED; /* of -2 pi k / WINDOW */
static float turn[16][6][POINTS / 4 + 1] ALIGNED;          /* twiddles of a pass, in its order */
static float padded[POINTS + 2 * PADDING] ALIGNED;

void prepare(const float *cw, const float *cb, const float *dw, const float *db)
{
    memcpy(conv_weight, cw, sizeof conv_weight);
    memcpy(conv_bias, cb, sizeof conv_bias);
    memcpy(dense_weight, dw, sizeof dense_weight);
    memcpy(dense_bias, db, sizeof dense_bias);
    for (int k = 0; k < WINDOW; k++) {
        cosine[k] = cos(-2 * M_PI * k / WINDOW);
        sine[k] = sin(-2 * M_PI * k / WINDOW);
    }
    int pass = 0;
    for (int n = POINTS; n >= 4; n /= 4, pass++)
        for (int p = 0; p < n / 4; p++)
            for (int power = 1; power <= 3; power++) {
                turn[pass][2 * power - 2][p] = cos(-2 * M_PI * p * power / n);
                turn[pass][2 * power - 1][p] = sin(-2 * M_PI * p * power / n);
            }
}

/* A radix-4 pass of Stockham's transform over transforms of n points, s of them side by side. */
static inline __attribute__((always_inline)) void butterfly(
    int n, int s, int p, int q, float w[6][POINTS / 4 + 1], const float *restrict xr,
    const float *restrict xi, float *restrict yr, float *restrict yi)
{
    int m = n / 4, a = q + s * p, b = a + s * m, c = b + s * m, d = c + s * m, o = q + s * 4 * p;
    float er = xr[a] + xr[c], ei = xi[a] + xi[c], fr = xr[a] - xr[c], fi = xi[a] - xi[c];
    float gr = xr[b] + xr[d], gi = xi[b] + xi[d], hr = xr[b] - xr[d], hi = xi[b] - xi[d];
    float ur = fr + hi, ui = fi - hr, vr = er - gr, vi = ei - gi, zr = fr - hi, zi = fi + hr;
    yr[o] = er + gr;
    yi[o] = ei + gi;
    yr[o + s] = ur * w[0][p] - ui * w[1][p];
    yi[o + s] = ur * w[1][p] + ui * w[0][p];
    yr[o + 2 * s] = vr * w[2][p] - vi * w[3][p];
    yi[o + 2 * s] = vr * w[3][p] + vi * w[2][p];
    yr[o + 3 * s] = zr * w[4][p] - zi * w[5][p];
    yi[o + 3 * s] = zr * w[5][p] + zi * w[4][p];
}

static void pass4(int n, int s, float w[6][POINTS / 4 + 1], const float *restrict xr,
                  const float *restrict xi, float *restrict yr, float *restrict yi)
{
    if (s == 1) /* the vector runs over p where there is nothing side by side */
        for (int p = 0; p < n / 4; p++)
            butterfly(n, 1, p, 0, w, xr, xi, yr, yi);
    else if (s == 4)
        for (int p = 0; p < n / 4; p++)
            for (int q = 0; q < 4; q++)
                butterfly(n, 4, p, q, w, xr, xi, yr, yi);
    else
        for (int p = 0; p < n / 4; p++)
            for (int q = 0; q < s; q++)
                butterfly(n, s, p, q, w, xr, xi, yr, yi);
}

static void pass2(int s, const float *restrict xr, const float *restrict xi, float *restrict yr,
                  float *restrict yi)
{
    for (int q = 0; q < s; q++) {
        yr[q] = xr[q] + xr[q + s];
        yi[q] = xi[q] + xi[q + s];
        yr[q + s] = xr[q] - xr[q + s];
        yi[q + s] = xi[q] - xi[q + s];
    }
}

/* |FFT(x)| / WINDOW, bins POINTS down to 1, by a complex transform of half the length. */
void features(const float *restrict x, float *restrict out)
{
    static float re[2][POINTS + 1] ALIGNED, im[2][POINTS + 1] ALIGNED;
    int from = 0, s = 1, n = POINTS, pass = 0;
    for (int k = 0; k < POINTS; k++) {
        re[0][k] = x[2 * k];
        im[0][k] = x[2 * k + 1];
    }
    for (; n >= 4; n /= 4, s *= 4, pass++, from ^= 1)
        pass4(n, s, turn[pass], re[from], im[from], re[!from], im[!from]);
    if (n == 2) {
        pass2(s, re[from], im[from], re[!from], im[!from]);
        from ^= 1;
    }
    const float *zr = re[from], *zi = im[from];
    const float half = 0.5f / WINDOW;
    out[0] = fabsf(zr[0] - zi[0]) * 2 * half;
    for (int k = 1; k < POINTS; k++) {
        float ar = zr[k] + zr[POINTS - k], ai = zi[k] - zi[POINTS - k];
        float br = zi[k] + zi[POINTS - k], bi = zr[POINTS - k] - zr[k];
        float r = ar + br * cosine[k] - bi * sine[k], i = ai + br * sine[k] + bi * cosine[k];
        out[POINTS - k] = sqrtf(r * r + i * i) * half;
    }
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
