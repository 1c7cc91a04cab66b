// One token of a dense language model, as language_steps.py does it in torch: the same steps, without what torch spends
// between them. Matrices are int8 with one scale a row, as a bundle stores them; all else is float32.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

namespace {

constexpr int LANES = 16;  // widths are multiples of it
typedef float Lanes __attribute__((vector_size(4 * LANES)));
typedef int8_t Bytes __attribute__((vector_size(LANES)));

struct Matrix {
    const int8_t* weights;  // rows x columns
    const float* scales;    // rows
    int64_t rows, columns;
};

struct Layer {
    Matrix joined, output, gate_up, down;  // joined: queries, keys and values one below the other
    const float *gain, *mlp_gain;          // of the norms before attention and before the MLP
    const float *query_gain, *key_gain;    // of the norms of each head; null where there are none
    float first_share;                     // of the first layer's values; 0 in the first layer
};

struct Model {
    int64_t depth, width, hidden, heads, head_width, vocabulary, max_tokens;
    float eps;
    const Layer* layers;
    Matrix embedding;  // its rows are also the head
    Matrix previous;   // what a token takes of the one before it; null where it takes nothing
    const float* final_gain;
    const float *cosines, *sines;  // max_tokens x head_width; sines have the rotation's sign
};

inline Lanes load(const float* from) {
    Lanes x;
    std::memcpy(&x, from, sizeof x);
    return x;
}

inline Lanes load(const int8_t* from) {
#ifdef __AVX512F__  // g++ 12 makes sixteen conversions of the lines below
    return (Lanes)_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i*)from)));
#else
    Bytes x;
    std::memcpy(&x, from, sizeof x);
    return __builtin_convertvector(x, Lanes);
#endif
}

inline float sum(Lanes x) {
    float total = 0;
    for (int k = 0; k < LANES; ++k) total += x[k];
    return total;
}

// out = matrix x in, four rows at a time: each part of `in` is loaded once for all of them.
void multiply(const Matrix& m, const float* in, float* out) {
    int64_t row = 0;
    for (; row + 4 <= m.rows; row += 4) {
        const int8_t* w = m.weights + row * m.columns;
        Lanes total[4] = {};
        for (int64_t k = 0; k < m.columns; k += LANES) {
            Lanes x = load(in + k);
            for (int r = 0; r < 4; ++r) total[r] += load(w + r * m.columns + k) * x;
        }
        for (int r = 0; r < 4; ++r) out[row + r] = m.scales[row + r] * sum(total[r]);
    }
    for (; row < m.rows; ++row) {
        Lanes total = {};
        for (int64_t k = 0; k < m.columns; k += LANES) total += load(m.weights + row * m.columns + k) * load(in + k);
        out[row] = m.scales[row] * sum(total);
    }
}

void norm(const float* in, const float* gain, int64_t width, float eps, float* out) {
    float squares = 0;
    for (int64_t k = 0; k < width; ++k) squares += in[k] * in[k];
    float scale = 1.0f / std::sqrt(squares / width + eps);
    for (int64_t k = 0; k < width; ++k) out[k] = in[k] * scale * (gain ? gain[k] : 1.0f);
}

void rotate(float* head, int64_t width, const float* cosines, const float* sines) {
    int64_t half = width / 2;
    for (int64_t k = 0; k < half; ++k) {
        float first = head[k], second = head[k + half];
        head[k] = first * cosines[k] + second * sines[k];
        head[k + half] = second * cosines[k + half] + first * sines[k + half];
    }
}

// One head over all tokens so far; `keys` and `values` are length x head_width.
void attend(const float* query, const float* keys, const float* values, int64_t length, int64_t width, float* scores,
            float* out) {
    float highest = -INFINITY, total = 0, scale = 1.0f / std::sqrt(float(width));
    for (int64_t t = 0; t < length; ++t) {
        Lanes dot = {};
        for (int64_t k = 0; k < width; k += LANES) dot += load(query + k) * load(keys + t * width + k);
        scores[t] = sum(dot) * scale;
        highest = std::fmax(highest, scores[t]);
    }
    for (int64_t k = 0; k < width; ++k) out[k] = 0;
    for (int64_t t = 0; t < length; ++t) {
        float share = std::exp(scores[t] - highest);
        total += share;
        for (int64_t k = 0; k < width; ++k) out[k] += share * values[t * width + k];
    }
    for (int64_t k = 0; k < width; ++k) out[k] /= total;
}

void embed(const Model& model, int64_t token, float* out) {
    const int8_t* row = model.embedding.weights + token * model.width;
    for (int64_t k = 0; k < model.width; ++k) out[k] = row[k] * model.embedding.scales[token];
}

}  // namespace

extern "C" {

// Reads `token` after `before` (-1: it is the first) at place `length` of a memory (depth x heads x room x head_width each), writes the logits after it.
__attribute__((visibility("default"))) void reflet_language_step(const Model* model, int64_t token, int64_t before,
                                                                 int64_t length, int64_t room, float* keys, float* values,
                                                                 float* logits) {
    const int64_t D = model->width, K = model->head_width, H = model->heads;
    std::vector<float> x(D), normed(D), joined(3 * D), mixed(D), first(D), update(D), hidden(2 * model->hidden);
    std::vector<float> scores(length + 1);
    embed(*model, token, x.data());
    if (model->previous.weights && before >= 0) {
        embed(*model, before, normed.data());
        multiply(model->previous, normed.data(), update.data());
        for (int64_t k = 0; k < D; ++k) x[k] += update[k];
    }
    const float *cosines = model->cosines + length * K, *sines = model->sines + length * K;

    for (int64_t number = 0; number < model->depth; ++number) {
        const Layer& layer = model->layers[number];
        norm(x.data(), layer.gain, D, model->eps, normed.data());
        multiply(layer.joined, normed.data(), joined.data());
        float *own = joined.data() + 2 * D, *places = joined.data();
        if (number == 0) std::memcpy(first.data(), own, 4 * D);
        for (int64_t head = 0; head < H; ++head) {
            float *query = places + head * K, *key = places + D + head * K, *value = own + head * K;
            if (layer.query_gain) {
                norm(query, layer.query_gain, K, model->eps, query);
                norm(key, layer.key_gain, K, model->eps, key);
            }
            rotate(query, K, cosines, sines);
            rotate(key, K, cosines, sines);
            int64_t start = ((number * H + head) * room) * K;
            float *kept_keys = keys + start, *kept_values = values + start;
            std::memcpy(kept_keys + length * K, key, 4 * K);
            for (int64_t k = 0; k < K; ++k)
                kept_values[length * K + k] = value[k] + layer.first_share * (first[head * K + k] - value[k]);
            attend(query, kept_keys, kept_values, length + 1, K, scores.data(), mixed.data() + head * K);
        }
        multiply(layer.output, mixed.data(), update.data());
        for (int64_t k = 0; k < D; ++k) x[k] += update[k];

        norm(x.data(), layer.mlp_gain, D, model->eps, normed.data());
        multiply(layer.gate_up, normed.data(), hidden.data());
        for (int64_t k = 0; k < model->hidden; ++k) {
            float gate = hidden[k];
            hidden[k] = gate / (1.0f + std::exp(-gate)) * hidden[model->hidden + k];
        }
        multiply(layer.down, hidden.data(), update.data());
        for (int64_t k = 0; k < D; ++k) x[k] += update[k];
    }
    norm(x.data(), model->final_gain, D, model->eps, normed.data());
    multiply(model->embedding, normed.data(), logits);
}
}
