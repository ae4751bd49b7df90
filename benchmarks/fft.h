/* The magnitude spectrum of WINDOW real samples, a power of two, in single precision. */
#include <math.h>

#define POINTS (WINDOW / 2)
#define ALIGNED __attribute__((aligned(64)))

static float cosine[WINDOW] ALIGNED, sine[WINDOW] ALIGNED; /* of -2 pi k / WINDOW */
static float turn[16][6][POINTS / 4 + 1] ALIGNED;          /* twiddles of a pass, in its order */

static void prepare_fft(void)
{
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
