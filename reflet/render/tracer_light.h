// Where light comes from: the environment map and the emissive triangles, each with a density to sample from.
#pragma once
#include <algorithm>
#include <vector>

#include "tracer_scene.h"

namespace reflet {

struct LightSample {
    Vec3 direction, radiance;
    float distance, pdf;  // density over solid angle; 0: no light from there
    int source;           // cell of the sky, or material
};

// How much light each source was found to give, by a coarse picture traced first (the pilot).
struct Tally {
    static constexpr int COLUMNS = 32, ROWS = 16;
    std::vector<float> sky, materials;
    explicit Tally(int num_materials) : sky(COLUMNS * ROWS, 0.f), materials(num_materials, 0.f) {}
};

// Weight of each entry relative to what it would have by power alone: half by power, half by the light that was
// found to arrive. So a window is aimed at, and a sun that shines into one corner takes no more than its share.
inline std::vector<float> learned_factors(const std::vector<float>& found, const std::vector<float>& power) {
    double sum_found = 0, sum_power = 0;
    for (size_t i = 0; i < found.size(); i++) sum_found += found[i], sum_power += power[i];
    std::vector<float> factors(found.size(), 1.f);
    if (!(sum_found > 0 && sum_power > 0)) return factors;
    for (size_t i = 0; i < found.size(); i++)
        if (power[i] > 0) factors[i] = 0.5f + 0.5f * (float)min2(found[i] * sum_power / (sum_found * power[i]), 50.);
    return factors;
}

// A cumulative distribution with a guide table, so that a lookup takes about one step.
struct Distribution {
    int count;
    const float* cumulative;  // running sums, not normalised
    const int32_t* guide;

    static void make_guide(const float* cumulative, int count, int32_t* guide) {
        int at = 0;
        for (int i = 0; i < count; i++) {
            float x = cumulative[count - 1] * i / count;
            while (at < count - 1 && cumulative[at] <= x) at++;
            guide[i] = at;
        }
    }
    // Index of u in 0..1; u becomes the position within that entry.
    HD int find(float& u) const {
        float x = u * cumulative[count - 1];
        int at = guide[(int)(u * (count * 0.999999f))];
        while (at < count - 1 && cumulative[at] <= x) at++;
        float low = at ? cumulative[at - 1] : 0.f;
        u = clamp((x - low) / max2(cumulative[at] - low, 1e-30f), 0.f, 0.9999999f);
        return at;
    }
};

// Linear RGB in 32 bits: nine of mantissa a channel and five of a shared exponent (OpenGL's RGB9_E5). A sky is read
// at random, so its size in memory is what it costs.
inline uint32_t pack_radiance(Vec3 c) {
    int exponent = 0;
    frexpf(max_component(c), &exponent);
    exponent = exponent < -15 ? -15 : exponent;
    if (max_component(c) * ldexpf(1.f, 9 - exponent) >= 511.5f) exponent++;
    if (exponent > 16) exponent = 16;
    const float channel[3] = {c.x, c.y, c.z};
    uint32_t packed = (uint32_t)(exponent + 15) << 27;
    for (int k = 0; k < 3; k++)
        packed |= (uint32_t)clamp(channel[k] * ldexpf(1.f, 9 - exponent) + 0.5f, 0.f, 511.f) << 9 * k;
    return packed;
}

HD Vec3 unpack_radiance(uint32_t packed) {
    union {
        uint32_t i;
        float f;
    } scale = {((packed >> 27) + 127 - 24) << 23};
    return vec((float)(int)(packed & 511), (float)(int)(packed >> 9 & 511), (float)(int)(packed >> 18 & 511)) * scale.f;
}

// One texel and how its row is sampled (Walker's alias method): with chance `keep` a draw that lands here stays, else
// it goes to the column `alias`. 20 and 12 bits, beside the radiance, so that a draw touches little memory.
struct EnvironmentCell {
    uint32_t radiance, keep_alias;
};

struct Environment {
    int width, height;                   // at most 4096 wide
    std::vector<EnvironmentCell> cells;  // rows from the zenith, columns by azimuth from +y towards +x
    std::vector<float> row_sums, cos_edges;
    std::vector<int32_t> row_guide;
    std::vector<float> factors;  // for each cell of Tally's grid: how much more often it is sampled than by power
    float unit;                  // radiance of the packed value 1
    float density;               // over solid angle, of a texel with luminance 1; 0: the environment is dark

    void prepare(const float* data, int w, int h) {
        width = w, height = h;
        cells.resize(w * h), cos_edges.resize(h + 1), row_sums.resize(h), row_guide.resize(h);
        float brightest = 0;
        for (int i = 0; i < 3 * w * h; i++) brightest = data[i] > brightest && data[i] < FAR ? data[i] : brightest;
        unit = brightest > 65000 ? brightest / 65000 : brightest < 1 && brightest > 0 ? brightest : 1;
        for (int y = 0; y <= h; y++) cos_edges[y] = cosf(PI * y / h);
        for (int i = 0; i < w * h; i++) {
            Vec3 c = load(data + 3 * i) * (1 / unit);
            cells[i].radiance = pack_radiance(vec(max2(c.x, 0.f), max2(c.y, 0.f), max2(c.z, 0.f)));
        }
        factors.assign(Tally::COLUMNS * Tally::ROWS, 1.f);
        distribute();
    }

    HD int cell_of(int x, int y) const {
        return y * Tally::ROWS / height * Tally::COLUMNS + x * Tally::COLUMNS / width;
    }

    // Lays out the sampling tables by luminance times factor; returns the share of each cell of the grid.
    std::vector<float> distribute() {
        std::vector<float> weight(width), power(factors.size(), 0.f);
        double total = 0;
        for (int y = 0; y < height; y++) {
            double sum = 0, solid_angle = (cos_edges[y] - cos_edges[y + 1]) * 2 * PI / width;
            for (int x = 0; x < width; x++) {
                int cell = cell_of(x, y);
                sum += weight[x] = luminance(texel(y * width + x)) * factors[cell];
                power[cell] += weight[x] * (float)solid_angle;
            }
            row_sums[y] = (float)(total += sum * solid_angle);
            make_aliases(weight, sum, &cells[y * width]);
        }
        density = total > 0 ? (float)(1 / total) : 0;
        Distribution::make_guide(row_sums.data(), height, row_guide.data());
        return power;
    }

    // Samples the sky by what the pilot found of it. Neighbouring cells share, as the pilot may have missed some.
    void learn(const std::vector<float>& found) {
        constexpr int C = Tally::COLUMNS, R = Tally::ROWS;
        std::vector<float> smooth(found.size(), 0.f);
        for (int y = 0; y < R; y++)
            for (int x = 0; x < C; x++)
                for (int k = 0; k < 9; k++) {
                    int row = min2(y + k / 3 > 0 ? y + k / 3 - 1 : 0, R - 1), column = (x + k % 3 + C - 1) % C;
                    smooth[row * C + column] += found[y * C + x] * (k == 4 ? 0.6f : 0.05f);
                }
        factors = learned_factors(smooth, distribute());
        distribute();
    }

    void make_aliases(std::vector<float>& weight, double sum, EnvironmentCell* row) {
        std::vector<int> poor, rich;
        for (int x = 0; x < width; x++) {
            weight[x] = sum > 0 ? (float)(weight[x] * width / sum) : 1.f;
            (weight[x] < 1 ? poor : rich).push_back(x);
            row[x].keep_alias = 0xfffffu << 12 | (uint32_t)x;
        }
        while (!poor.empty() && !rich.empty()) {
            int x = poor.back(), giver = rich.back();
            poor.pop_back();
            row[x].keep_alias = (uint32_t)(weight[x] * 0xfffff + 0.5f) << 12 | (uint32_t)giver;
            weight[giver] -= 1 - weight[x];
            if (weight[giver] >= 1) continue;
            rich.pop_back();
            poor.push_back(giver);
        }
    }

    bool dark() const { return density == 0; }
    HD Vec3 texel(int i) const { return unpack_radiance(cells[i].radiance) * unit; }

    // Interpolated radiance, because mirrors show the texels. The density is that of the interpolated value: close to
    // what `sample` does, and never far too small beside the sun, which would make specks.
    HD Vec3 lookup(Vec3 d, float& pdf) const {
        float u = fast_atan2(d.x, d.y) * (0.5f * INV_PI);
        float x = (u < 0 ? u + 1 : u) * width - 0.5f,
              y = clamp(fast_acos(d.z) * INV_PI * height - 0.5f, 0.f, height - 1.f);
        int x0 = (int)floorf(x), y0 = (int)y;
        float fx = x - x0, fy = y - y0;
        int y1 = y0 + 1 < height ? y0 + 1 : y0;
        x0 = x0 < 0 ? width - 1 : x0 >= width ? 0 : x0;
        int x1 = x0 + 1 < width ? x0 + 1 : 0;
        Vec3 top = lerp(texel(y0 * width + x0), texel(y0 * width + x1), fx);
        Vec3 result = lerp(top, lerp(texel(y1 * width + x0), texel(y1 * width + x1), fx), fy);
        pdf = luminance(result) * density * factors[cell_of(fx < 0.5f ? x0 : x1, fy < 0.5f ? y0 : y1)];
        return result;
    }

    HD LightSample sample(float u, float v) const {
        LightSample s = {vec(0), vec(0), FAR, 0, 0};
        if (dark()) return s;
        int y = Distribution{height, row_sums.data(), row_guide.data()}.find(v);
        float at = u * width;
        int x = min2((int)at, width - 1);
        uint32_t cell = cells[y * width + x].keep_alias;
        float keep = (cell >> 12) * (1.f / 0xfffff), rest = at - x;
        u = rest < keep ? rest / keep : (rest - keep) / (1 - keep);
        if (rest >= keep) x = cell & 0xfff;
        float z = lerp(cos_edges[y], cos_edges[y + 1], v), r = sqrtf(max2(1 - z * z, 0.f)), sine, cosine;
        sincos_turn(min2((x + u) / width, 0.9999999f), sine, cosine);
        s.direction = vec(sine * r, cosine * r, z);
        s.radiance = texel(y * width + x);
        s.source = cell_of(x, y);
        s.pdf = luminance(s.radiance) * density * factors[s.source];
        return s;
    }
};

// Emissive triangles, chosen by power (times what the pilot found of their material) and then uniformly by area.
struct Emitters {
    std::vector<int32_t> faces, guide;
    std::vector<float> sums;
    std::vector<float> area_density;  // for each face of the geometry; 0 where it does not shine

    std::vector<float> powers;  // for each of `faces`

    void prepare(const Geometry& g, float lamps) {
        std::vector<char> shines(g.num_materials);
        bool any = false;
        for (int i = 0; i < g.num_materials; i++)
            any |= (shines[i] = is_emissive(g, g.materials[i]) && !(g.materials[i].lamp && lamps <= 0));
        faces.clear(), powers.clear(), area_density.assign(any ? g.num_faces : 0, 0.f);
        for (int f = 0; any && f < g.num_faces; f++) {
            if (!shines[g.face_material[f]]) continue;
            const Material& m = g.materials[g.face_material[f]];
            Corners c = corners(g, f);
            float area = 0.5f * length(cross(c.q - c.p, c.r - c.p)), mean = 0;
            if (!(area > 0 && area < FAR)) continue;
            const float at[4][2] = {{0.333f, 0.333f}, {0.15f, 0.15f}, {0.7f, 0.15f}, {0.15f, 0.7f}};
            for (const float* p : at) mean += 0.25f * luminance(emitted(g, m, c, p[0], p[1], lamps));
            // A textured triangle may shine between the points looked at: it keeps a small share.
            if (m.texture >= 0 && g.textures[m.texture].emission) mean += 0.02f * g.textures[m.texture].emission_scale;
            if (!(mean > 0)) continue;
            faces.push_back(f), powers.push_back(mean * area);
            area_density[f] = 1 / area;
        }
        distribute();
    }

    void distribute() {
        double total = 0;
        sums.clear();
        for (float power : powers) sums.push_back((float)(total += power));
        for (size_t i = 0; i < faces.size(); i++) powers[i] /= (float)total;
        for (size_t i = 0; i < faces.size(); i++) area_density[faces[i]] *= powers[i];
        guide.resize(faces.size());
        if (!faces.empty()) Distribution::make_guide(sums.data(), (int)sums.size(), guide.data());
    }

    void learn(const Geometry& g, const std::vector<float>& found) {
        std::vector<float> power(found.size(), 0.f);
        for (size_t i = 0; i < faces.size(); i++) power[g.face_material[faces[i]]] += powers[i];
        std::vector<float> factors = learned_factors(found, power);
        for (size_t i = 0; i < faces.size(); i++) {
            area_density[faces[i]] /= powers[i];
            powers[i] *= factors[g.face_material[faces[i]]];
        }
        distribute();
    }

    bool empty() const { return faces.empty(); }

    HD LightSample sample(const Geometry& g, Vec3 from, float lamps, float choice, float u, float v) const {
        LightSample s = {vec(0), vec(0), 0, 0, 0};
        int face = faces[Distribution{(int)faces.size(), sums.data(), guide.data()}.find(choice)];
        Corners c = corners(g, face);
        float root = sqrtf(u), b1 = 1 - root, b2 = v * root;
        Vec3 normal = cross(c.q - c.p, c.r - c.p), d = blend(c.p, c.q, c.r, b1, b2) - from;
        s.distance = length(d);
        s.direction = d * (1 / max2(s.distance, 1e-20f));
        float cosine = -dot(normal, s.direction) / length(normal);
        if (cosine < 1e-5f || s.distance < 1e-6f) return s;
        s.source = g.face_material[face];
        s.pdf = area_density[face] * s.distance * s.distance / cosine;
        s.radiance = emitted(g, g.materials[g.face_material[face]], c, b1, b2, lamps);
        return s;
    }

    // Density with which `sample` would have chosen a point that a ray met by itself.
    HD float pdf(int face, float distance, float cosine) const {
        if (area_density.empty()) return 0;
        return area_density[face] * distance * distance / max2(fabsf(cosine), 1e-5f);
    }
};

}  // namespace reflet
