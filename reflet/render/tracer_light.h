// Where light comes from: the environment map and the emissive triangles, each with a density to sample from.
#pragma once
#include <algorithm>
#include <vector>

#include "tracer_scene.h"

namespace reflet {

struct LightSample {
    Vec3 direction, radiance;
    float distance, pdf;  // density over solid angle; 0: no light from there
};

// A cumulative distribution with a guide table, so that a lookup takes about one step.
struct Distribution {
    int count = 0;
    const float* cumulative = nullptr;  // running sums, not normalised
    const int32_t* guide = nullptr;

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

struct Environment {
    const float* radiance;  // (height, width, 3); rows from the zenith, columns by azimuth from +y towards +x
    int width, height;
    std::vector<float> row_sums, column_sums, density, cos_edges;
    std::vector<int32_t> row_guide, column_guide;
    bool dark;

    // The density is the luminance blurred over neighbouring texels, because lookups interpolate between them.
    void prepare(const float* data, int w, int h) {
        radiance = data, width = w, height = h;
        std::vector<float> lum(w * h), smooth(w * h);
        for (int i = 0; i < w * h; i++) lum[i] = max2(luminance(load(data + 3 * i)), 0.f);
        for (int y = 0; y < h; y++) {
            const float *row = &lum[y * w], *up = &lum[(y ? y - 1 : 0) * w], *down = &lum[(y < h - 1 ? y + 1 : y) * w];
            for (int x = 0; x < w; x++) {
                int left = x ? x - 1 : w - 1, right = x < w - 1 ? x + 1 : 0;
                smooth[y * w + x] = 0.5f * row[x] + 0.125f * (row[left] + row[right] + up[x] + down[x]);
            }
        }
        cos_edges.resize(h + 1), row_sums.resize(h), column_sums.resize(w * h), density.resize(w * h);
        row_guide.resize(h), column_guide.resize(w * h);
        for (int y = 0; y <= h; y++) cos_edges[y] = cosf(PI * y / h);
        double total = 0;
        for (int y = 0; y < h; y++) {
            float solid_angle = (cos_edges[y] - cos_edges[y + 1]) * 2 * PI / w;
            double sum = 0;
            for (int x = 0; x < w; x++) column_sums[y * w + x] = (float)(sum += smooth[y * w + x] * solid_angle);
            row_sums[y] = (float)(total += sum);
            Distribution::make_guide(&column_sums[y * w], w, &column_guide[y * w]);
        }
        dark = !(total > 0);
        if (dark) return;
        for (int i = 0; i < w * h; i++) density[i] = smooth[i] / (float)total;
        Distribution::make_guide(row_sums.data(), h, row_guide.data());
    }

    HD Vec3 texel(int x, int y) const { return load(radiance + 3 * (y * width + x)); }

    HD Vec3 at(float u, float v) const {  // bilinear; u, v in texels
        float x = u - 0.5f, y = clamp(v - 0.5f, 0.f, height - 1.f);
        int x0 = (int)floorf(x), y0 = (int)y;
        float fx = x - x0, fy = y - y0;
        int y1 = y0 + 1 < height ? y0 + 1 : y0, x1 = x0 + 1 >= width ? 0 : x0 + 1;
        if (x0 < 0) x0 += width;
        return lerp(lerp(texel(x0, y0), texel(x1, y0), fx), lerp(texel(x0, y1), texel(x1, y1), fx), fy);
    }

    HD Vec3 lookup(Vec3 d, float& pdf) const {
        float u = fast_atan2(d.x, d.y) * (0.5f * INV_PI), v = fast_acos(d.z) * INV_PI;
        u = clamp(u < 0 ? u + 1 : u, 0.f, 0.9999999f) * width, v = clamp(v, 0.f, 0.9999999f) * height;
        pdf = dark ? 0.f : density[(int)v * width + (int)u];
        return at(u, v);
    }

    HD LightSample sample(float u, float v) const {
        LightSample s = {vec(0), vec(0), FAR, 0};
        if (dark) return s;
        int y = Distribution{height, row_sums.data(), row_guide.data()}.find(v);
        int x = Distribution{width, &column_sums[y * width], &column_guide[y * width]}.find(u);
        float z = lerp(cos_edges[y], cos_edges[y + 1], v), r = sqrtf(max2(1 - z * z, 0.f)), sine, cosine;
        sincos_turn(min2((x + u) / width, 0.9999999f), sine, cosine);
        s.direction = vec(sine * r, cosine * r, z);
        s.pdf = density[y * width + x];
        s.radiance = at(x + u, fast_acos(z) * INV_PI * height);
        return s;
    }
};

// Emissive triangles, chosen by power and then uniformly by area.
struct Emitters {
    std::vector<int32_t> faces, guide;
    std::vector<float> sums;
    std::vector<float> area_density;  // for each face of the geometry; 0 where it does not shine

    void prepare(const Geometry& g, float lamps) {
        faces.clear(), sums.clear();
        std::vector<float> areas;
        double total = 0;
        std::vector<char> shines(g.num_materials);
        bool any = false;
        for (int i = 0; i < g.num_materials; i++)
            any |= (shines[i] = is_emissive(g, g.materials[i]) && !(g.materials[i].lamp && lamps <= 0));
        area_density.assign(any ? g.num_faces : 0, 0.f);
        if (!any) return;
        for (int f = 0; f < g.num_faces; f++) {
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
            faces.push_back(f), areas.push_back(mean * area);
            total += mean * area;
            area_density[f] = mean;
            sums.push_back((float)total);
        }
        for (int32_t f : faces) area_density[f] /= (float)total;
        guide.resize(faces.size());
        if (!faces.empty()) Distribution::make_guide(sums.data(), (int)sums.size(), guide.data());
    }

    bool empty() const { return faces.empty(); }

    HD LightSample sample(const Geometry& g, Vec3 from, float lamps, float choice, float u, float v) const {
        LightSample s = {vec(0), vec(0), 0, 0};
        int face = faces[Distribution{(int)faces.size(), sums.data(), guide.data()}.find(choice)];
        Corners c = corners(g, face);
        float root = sqrtf(u), b1 = 1 - root, b2 = v * root;
        Vec3 normal = cross(c.q - c.p, c.r - c.p), d = blend(c.p, c.q, c.r, b1, b2) - from;
        s.distance = length(d);
        s.direction = d * (1 / max2(s.distance, 1e-20f));
        float cosine = -dot(normal, s.direction) / length(normal);
        if (cosine < 1e-5f || s.distance < 1e-6f) return s;
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
