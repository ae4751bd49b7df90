/* What a network that compiled.py has written can be asked. */

void prepare(const float *values)
{
    memcpy(weights, values, sizeof weights);
    prepare_fft();
}

/* Samples to logits; returns the first of the largest. */
int classify(const float *x, float *out)
{
    const float *found = logits(x);
    int best = 0;
    for (int k = 0; k < CLASSES; k++) {
        out[k] = found[k];
        best = out[k] > out[best] ? k : best;
    }
    return best;
}

/* Nanoseconds of each of `runs` calls; the windows take turns. */
void timed(const float *windows, int count, int runs, long long *ns)
{
    static float out[CLASSES];
    for (int run = 0; run < runs; run++) {
        struct timespec begin, end;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        classify(windows + (size_t)(run % count) * INPUTS, out);
        clock_gettime(CLOCK_MONOTONIC, &end);
        ns[run] = (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec;
    }
}
