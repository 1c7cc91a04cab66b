// Vectors, frames, fast trigonometry and the sample sequence of the path tracer.
// Everything here is plain C++17 without allocation, so that nvcc can compile it for a device as it stands.
#pragma once
#include <cmath>
#include <cstdint>

#ifdef __CUDACC__
#define HD __host__ __device__ inline
#else
#define HD inline
#endif

namespace reflet {

constexpr float PI = 3.14159265358979f;
constexpr float INV_PI = 0.31830988618379f;
constexpr float FAR = 1e30f;

struct Vec3 {
    float x, y, z;
};

HD float min2(float a, float b) { return a < b ? a : b; }  // compiles to one instruction, unlike fminf
HD int min2(int a, int b) { return a < b ? a : b; }
HD double min2(double a, double b) { return a < b ? a : b; }
HD float max2(float a, float b) { return a > b ? a : b; }
HD Vec3 vec(float x, float y, float z) { return Vec3{x, y, z}; }
HD Vec3 vec(float s) { return Vec3{s, s, s}; }
HD Vec3 load(const float* p) { return Vec3{p[0], p[1], p[2]}; }
HD Vec3 operator+(Vec3 a, Vec3 b) { return vec(a.x + b.x, a.y + b.y, a.z + b.z); }
HD Vec3 operator-(Vec3 a, Vec3 b) { return vec(a.x - b.x, a.y - b.y, a.z - b.z); }
HD Vec3 operator*(Vec3 a, Vec3 b) { return vec(a.x * b.x, a.y * b.y, a.z * b.z); }
HD Vec3 operator*(Vec3 a, float s) { return vec(a.x * s, a.y * s, a.z * s); }
HD Vec3 operator-(Vec3 a) { return vec(-a.x, -a.y, -a.z); }
HD float dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
HD Vec3 cross(Vec3 a, Vec3 b) { return vec(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x); }
HD float length(Vec3 a) { return sqrtf(dot(a, a)); }
HD Vec3 normalize(Vec3 a) { return a * (1.f / sqrtf(max2(dot(a, a), 1e-30f))); }
HD Vec3 lerp(Vec3 a, Vec3 b, float t) { return a + (b - a) * t; }
HD float lerp(float a, float b, float t) { return a + (b - a) * t; }
HD float clamp(float x, float low, float high) { return min2(max2(x, low), high); }
HD float max_component(Vec3 a) { return max2(a.x, max2(a.y, a.z)); }
HD float luminance(Vec3 a) { return 0.2126f * a.x + 0.7152f * a.y + 0.0722f * a.z; }
HD bool is_finite(Vec3 a) { return a.x < FAR && a.y < FAR && a.z < FAR && a.x > -FAR && a.y > -FAR && a.z > -FAR; }

// Tangent frame without branches or square roots (Duff et al. 2017, "Building an Orthonormal Basis, Revisited").
struct Frame {
    Vec3 t, b, n;
    HD Vec3 to_local(Vec3 v) const { return vec(dot(v, t), dot(v, b), dot(v, n)); }
    HD Vec3 to_world(Vec3 v) const { return t * v.x + b * v.y + n * v.z; }
};

HD Frame make_frame(Vec3 n) {
    float sign = n.z >= 0 ? 1.f : -1.f, a = -1.f / (sign + n.z), c = n.x * n.y * a;
    return Frame{vec(1 + sign * n.x * n.x * a, sign * c, -sign * n.x), vec(c, sign + n.y * n.y * a, -n.y), n};
}

// Sine and cosine of 2 pi u for u in [0, 1), to 1e-6: a quarter turn by polynomial, the rest by symmetry.
HD void sincos_turn(float u, float& sine, float& cosine) {
    float x = u * 4;
    int quarter = (int)x;
    x = (x - quarter - 0.5f) * 1.57079633f;
    float x2 = x * x;
    float s = x * (1 - x2 * (1.f / 6 - x2 * (1.f / 120 - x2 * (1.f / 5040))));
    float c = 1 - x2 * (0.5f - x2 * (1.f / 24 - x2 * (1.f / 720 - x2 * (1.f / 40320))));
    float a = (s + c) * 0.70710678f, b = (c - s) * 0.70710678f;
    quarter &= 3;
    sine = quarter == 0 ? a : quarter == 1 ? b : quarter == 2 ? -a : -b;
    cosine = quarter == 0 ? b : quarter == 1 ? -a : quarter == 2 ? -b : a;
}

// atan2 to 1e-5 rad and acos to 7e-5 rad: far below a texel of the environment.
HD float fast_atan2(float y, float x) {
    float ax = fabsf(x), ay = fabsf(y);
    float a = min2(ax, ay) / max2(max2(ax, ay), 1e-20f), q = a * a;
    float r = a * (0.99997726f +
                   q * (-0.33262347f + q * (0.19354346f + q * (-0.11643287f + q * (0.05265332f - q * 0.01172120f)))));
    if (ay > ax) r = 1.57079637f - r;
    if (x < 0) r = PI - r;
    return y < 0 ? -r : r;
}

HD float fast_acos(float x) {
    float a = min2(fabsf(x), 1.f);
    float r = (((-0.0187293f * a + 0.0742610f) * a - 0.2121144f) * a + 1.5707288f) * sqrtf(1 - a);
    return x < 0 ? PI - r : r;
}

HD float pow5(float x) {
    float x2 = x * x;
    return x2 * x2 * x;
}

// log2 from the exponent and a quadratic in the mantissa: mip levels need no more.
HD float fast_log2(float x) {
    union {
        float f;
        uint32_t i;
    } u = {x};
    float exponent = (float)(int)(u.i >> 23) - 128.f;
    u.i = (u.i & 0x007fffffu) | 0x3f800000u;
    return exponent + (-0.33333333f * u.f + 2.f) * u.f - 0.66666667f;
}

// ------------------------------------------------------------------------------------------- sample sequence
// Padded (0,2)-sequence: every pair of dimensions is the two-dimensional Sobol' sequence, shuffled and
// Owen-scrambled by hashing (Burley 2020, "Practical Hash-based Owen Scrambling", JCGT 9(4)).
HD uint32_t hash(uint32_t x) {
    x ^= x >> 16;
    x *= 0x21f0aaadu;
    x ^= x >> 15;
    x *= 0xd35a2d97u;
    return x ^ (x >> 15);
}

HD uint32_t reverse_bits(uint32_t x) {
    x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
    x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
    x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
    return __builtin_bswap32(x);
}

// Owen scrambling of a bit-reversed number (Laine & Karras 2011, constants of Vegdahl 2021).
HD uint32_t scramble_reversed(uint32_t x, uint32_t seed) {
    x ^= x * 0x3d20adeau;
    x += seed;
    x *= (seed >> 16) | 1u;
    x ^= x * 0x05526c56u;
    x ^= x * 0x53a22864u;
    return x;
}

HD float unit_float(uint32_t x) { return (x >> 8) * (1.f / 16777216.f); }

struct Sampler {
    uint32_t pixel_seed, index, dimension;

    HD void start(uint32_t seed, uint32_t pixel, uint32_t sample) {
        pixel_seed = hash(seed ^ hash(pixel + 0x9e3779b9u));
        index = sample;
        dimension = 0;
    }
    // Two coordinates in [0, 1), stratified over the samples of a pixel.
    HD void next2(float& u, float& v) {
        uint32_t seed = hash(pixel_seed + dimension++ * 0x9e3779b9u);
        uint32_t i = reverse_bits(scramble_reversed(reverse_bits(index), seed));  // shuffled
        uint32_t y = i;  // second Sobol' dimension, bit-reversed: times Pascal's triangle modulo 2, as a butterfly
        y ^= (y & 0xffff0000u) >> 16;
        y ^= (y & 0xff00ff00u) >> 8;
        y ^= (y & 0xf0f0f0f0u) >> 4;
        y ^= (y & 0xccccccccu) >> 2;
        y ^= (y & 0xaaaaaaaau) >> 1;
        u = unit_float(reverse_bits(scramble_reversed(i, seed * 0x8da6b343u + 1)));
        v = unit_float(reverse_bits(scramble_reversed(y, seed * 0xd8163841u + 7)));
    }
    // One coordinate, stratified likewise.
    HD float next() {
        uint32_t seed = hash(pixel_seed + dimension++ * 0x9e3779b9u);
        uint32_t i = reverse_bits(scramble_reversed(reverse_bits(index), seed));
        return unit_float(reverse_bits(scramble_reversed(i, seed * 0x8da6b343u + 1)));
    }
    // One coordinate without stratification, at a third of the cost: for choices that hardly change the picture.
    HD float next_loose() { return unit_float(hash(pixel_seed + dimension++ * 0x9e3779b9u + index * 0x85ebca6bu)); }
    HD void skip() { dimension++; }
};

}  // namespace reflet
