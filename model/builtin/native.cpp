// What the built-in model spends its time on; native.pyi says what Python sees of it. Most of that time is
// spent waiting for memory, so what will be read soon is asked for beforehand.

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <unordered_set>
#include <vector>

namespace {

using Piece = std::int32_t;

constexpr Piece UNKNOWN = 0;
constexpr char END = '\0';         // of a text, as a word
constexpr std::size_t AHEAD = 16;  // words between that whose place is asked for and that which is looked up
constexpr Py_ssize_t LINE = 64;    // bytes of memory that come together

void ask_for(const void *memory) {
#ifdef __GNUC__
    __builtin_prefetch(memory);
#else
    (void)memory;
#endif
}

struct Word {
    std::uint64_t hash;
    const char *start;
    Py_ssize_t size;
};

// FNV-1a: https://www.rfc-editor.org/rfc/rfc9923. The seed keeps anybody from writing words whose hashes are the same.
std::uint64_t hash_of(const char *start, const char *end, std::uint64_t seed) {
    std::uint64_t hash = 0xCBF29CE484222325 ^ seed;
    for (; start != end; ++start) hash = (hash ^ static_cast<unsigned char>(*start)) * 0x100000001B3;
    return hash;
}

std::vector<Word> words_of(const char *text, Py_ssize_t size, std::uint64_t seed) {
    std::vector<Word> words;
    const char *const end = text + size;
    for (const char *start = text; start < end;) {
        const char *stop = static_cast<const char *>(std::memchr(start, ' ', end - start));
        if (!stop) stop = end;
        if (stop != start) words.push_back({hash_of(start, stop, seed), start, stop - start});
        start = stop + 1;
    }
    return words;
}

// The pieces of words by their hashes, of which two among 65,536 are the same once in 10^10 times. A hash table with
// open addressing: a word of one piece, as most are, takes one look at memory.
class Known {
public:
    Known() : places(1024) {}

    std::size_t size() const { return words; }

    void ask_for_place(std::uint64_t hash) const { ask_for(&places[hash & (places.size() - 1)]); }

    bool append(std::uint64_t hash, std::vector<Piece> &found) const {
        const Entry &entry = places[place_of(hash)];
        if (!entry.count_and_one) return false;
        const std::uint32_t count = entry.count_and_one - 1;
        const Piece *first = count == 1 ? &entry.only : pieces.data() + entry.start;
        found.insert(found.end(), first, first + count);
        return true;
    }

    void add(std::uint64_t hash, const std::vector<Piece> &own) {
        if (2 * (words + 1) > places.size()) grow();
        Entry &entry = places[place_of(hash)];
        if (entry.count_and_one) return;
        entry.hash = hash;
        entry.count_and_one = static_cast<std::uint32_t>(own.size() + 1);
        if (own.size() == 1) {
            entry.only = own[0];
        } else {
            entry.start = static_cast<std::uint32_t>(pieces.size());
            pieces.insert(pieces.end(), own.begin(), own.end());
        }
        ++words;
    }

private:
    struct Entry {
        std::uint64_t hash;
        std::uint32_t count_and_one;  // 0 in an empty place
        union {
            Piece only;
            std::uint32_t start;  // in `pieces`
        };
    };

    std::size_t place_of(std::uint64_t hash) const {
        std::size_t place = hash & (places.size() - 1);
        while (places[place].count_and_one && places[place].hash != hash) place = (place + 1) & (places.size() - 1);
        return place;
    }

    void grow() {
        std::vector<Entry> old(2 * places.size());
        old.swap(places);
        for (const Entry &entry : old)
            if (entry.count_and_one) places[place_of(entry.hash)] = entry;
    }

    std::vector<Entry> places;  // a power of two, at least twice as many as there are words
    std::vector<Piece> pieces;
    std::size_t words = 0;
};

struct WordPieces {
    PyObject_HEAD
    PyObject *encode;
    Py_ssize_t kept;
    std::uint64_t seed;
    Known *known;
};

PyObject *spelled(const std::vector<Word> &words) {
    PyObject *list = PyList_New(static_cast<Py_ssize_t>(words.size()));
    for (std::size_t place = 0; list && place < words.size(); ++place) {
        PyObject *word = PyUnicode_DecodeUTF8(words[place].start, words[place].size, nullptr);
        if (word)
            PyList_SET_ITEM(list, static_cast<Py_ssize_t>(place), word);
        else
            Py_CLEAR(list);
    }
    return list;
}

bool learn(Known &known, const std::vector<Word> &words, PyObject *encoded) {
    std::vector<Piece> own;
    for (std::size_t place = 0; place < words.size(); ++place) {
        PyObject *pieces = PyList_GetItem(encoded, static_cast<Py_ssize_t>(place));  // raises where there is none
        const Py_ssize_t count = pieces ? PyList_Size(pieces) : -1;
        own.clear();
        for (Py_ssize_t at = 0; at < count; ++at)
            own.push_back(static_cast<Piece>(PyLong_AsLong(PyList_GET_ITEM(pieces, at))));
        if (PyErr_Occurred()) return false;
        known.add(words[place].hash, own);
    }
    return true;
}

template <typename T>
PyObject *bytes_of(const std::vector<T> &items) {
    const auto size = static_cast<Py_ssize_t>(items.size() * sizeof(T));
    return PyBytes_FromStringAndSize(reinterpret_cast<const char *>(items.data()), size);
}

PyObject *pieces_of(WordPieces *self, PyObject *text) {
    Py_ssize_t size;
    const char *characters = PyUnicode_AsUTF8AndSize(text, &size);
    if (!characters) return nullptr;
    const std::vector<Word> words = words_of(characters, size, self->seed);
    std::vector<Piece> pieces;
    std::vector<std::int64_t> sizes;
    for (;;) {  // again for new words, and where another thread had all forgotten while they were encoded
        std::vector<Word> unmet;
        std::unordered_set<std::uint64_t> noted;
        std::size_t start = 0;
        pieces.clear();
        sizes.clear();
        for (std::size_t place = 0; place < words.size(); ++place) {
            const Word &word = words[place];
            if (place + AHEAD < words.size()) self->known->ask_for_place(words[place + AHEAD].hash);
            if (word.size == 1 && *word.start == END) {
                sizes.push_back(static_cast<std::int64_t>(pieces.size() - start));
                start = pieces.size();
            } else if (!self->known->append(word.hash, pieces) && noted.insert(word.hash).second) {
                unmet.push_back(word);
            }
        }
        if (unmet.empty()) break;
        PyObject *list = spelled(unmet);
        PyObject *encoded = list ? PyObject_CallOneArg(self->encode, list) : nullptr;
        Py_XDECREF(list);
        const bool is_learnt = encoded && learn(*self->known, unmet, encoded);
        Py_XDECREF(encoded);
        if (!is_learnt) return nullptr;
    }
    if (self->known->size() > static_cast<std::size_t>(self->kept)) *self->known = Known();
    return Py_BuildValue("NN", bytes_of(pieces), bytes_of(sizes));
}

class Buffer {
public:
    Py_buffer view{};

    ~Buffer() { PyBuffer_Release(&view); }

    template <typename T>
    T *items() const {
        return static_cast<T *>(view.buf);
    }

    template <typename T>
    Py_ssize_t count() const {
        return view.len / static_cast<Py_ssize_t>(sizeof(T));
    }
};

struct Model {
    const std::int8_t *rows;
    const double *scales, *counts;
    Py_ssize_t dimensions;

    // Throws nothing, as it is called without the interpreter's lock. Sorts the text.
    void sum_up(std::vector<Piece> &text, std::vector<double> &sum) const {
        for (const Piece piece : text)
            for (Py_ssize_t at = 0; at < dimensions; at += LINE) ask_for(rows + piece * dimensions + at);
        std::sort(text.begin(), text.end());
        std::fill(sum.begin(), sum.end(), 0.0);
        const auto known = std::upper_bound(text.begin(), text.end(), UNKNOWN);
        for (auto next = known; next != text.end();) {
            const Piece piece = *next;
            const auto first = next;
            while (next != text.end() && *next == piece) ++next;
            const double weight = scales[piece] * counts[next - first];
            const std::int8_t *row = rows + piece * dimensions;
            for (Py_ssize_t at = 0; at < dimensions; ++at) sum[static_cast<std::size_t>(at)] += weight * row[at];
        }
        if (known == text.end()) sum[0] = 1;
    }
};

PyObject *sums_of(PyObject *, PyObject *arguments) {
    Buffer rows, scales, counts, pieces, sizes, out;
    if (!PyArg_ParseTuple(arguments, "y*y*y*y*y*w*", &rows.view, &scales.view, &counts.view, &pieces.view, &sizes.view,
                          &out.view))
        return nullptr;
    const Py_ssize_t vocabulary = scales.count<double>(), most = counts.count<double>() - 1;
    const Model model{rows.items<std::int8_t>(), scales.items<double>(), counts.items<double>(),
                      vocabulary ? rows.view.len / vocabulary : 0};
    const Piece *piece = pieces.items<Piece>(), *const last = piece + pieces.count<Piece>();
    const std::int64_t *size = sizes.items<std::int64_t>(), *const end = size + sizes.count<std::int64_t>();
    std::int64_t left = last - piece;
    bool fits = model.dimensions > 0 && most >= 0 && out.count<float>() == (end - size) * model.dimensions &&
                std::all_of(piece, last, [=](Piece one) { return 0 <= one && one < vocabulary; }) &&
                std::all_of(size, end, [&](std::int64_t one) { return 0 <= one && 0 <= (left -= one); });
    if (!fits || left) {
        PyErr_SetString(PyExc_ValueError, "pieces, sizes and the room for sums do not fit each other and the model");
        return nullptr;
    }
    std::vector<double> sum(static_cast<std::size_t>(model.dimensions));
    std::vector<Piece> text;
    text.reserve(static_cast<std::size_t>(most));
    float *to = out.items<float>();
    Py_BEGIN_ALLOW_THREADS
    for (; size != end; piece += *size++) {
        text.assign(piece, piece + std::min<std::int64_t>(*size, most));
        model.sum_up(text, sum);
        to = std::transform(sum.begin(), sum.end(), to, [](double value) { return static_cast<float>(value); });
    }
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

template <typename Self, PyObject *function(Self *, PyObject *)>
PyObject *raising_memory_error(PyObject *self, PyObject *argument) {
    try {
        return function(reinterpret_cast<Self *>(self), argument);
    } catch (const std::bad_alloc &) {
        return PyErr_NoMemory();
    }
}

PyObject *word_pieces_new(PyTypeObject *type, PyObject *arguments, PyObject *) {
    PyObject *encode;
    Py_ssize_t kept;
    unsigned long long seed;
    if (!PyArg_ParseTuple(arguments, "OnK", &encode, &kept, &seed)) return nullptr;
    auto *self = reinterpret_cast<WordPieces *>(type->tp_alloc(type, 0));
    if (!self) return nullptr;
    self->encode = Py_NewRef(encode);
    self->kept = kept;
    self->seed = seed;
    try {
        self->known = new Known;
    } catch (const std::bad_alloc &) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    return reinterpret_cast<PyObject *>(self);
}

int word_pieces_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(reinterpret_cast<WordPieces *>(self)->encode);
    return 0;
}

int word_pieces_clear(PyObject *self) {
    Py_CLEAR(reinterpret_cast<WordPieces *>(self)->encode);
    return 0;
}

void word_pieces_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    word_pieces_clear(self);
    delete reinterpret_cast<WordPieces *>(self)->known;
    type->tp_free(self);
    Py_DECREF(type);
}

Py_ssize_t word_pieces_length(PyObject *self) {
    return static_cast<Py_ssize_t>(reinterpret_cast<WordPieces *>(self)->known->size());
}

PyMethodDef word_pieces_methods[] = {
    {"of", raising_memory_error<WordPieces, pieces_of>, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
PyType_Slot word_pieces_slots[] = {
    {Py_tp_new, reinterpret_cast<void *>(word_pieces_new)},
    {Py_tp_traverse, reinterpret_cast<void *>(word_pieces_traverse)},
    {Py_tp_clear, reinterpret_cast<void *>(word_pieces_clear)},
    {Py_tp_dealloc, reinterpret_cast<void *>(word_pieces_dealloc)},
    {Py_sq_length, reinterpret_cast<void *>(word_pieces_length)},
    {Py_tp_methods, word_pieces_methods},
    {0, nullptr},
};
PyType_Spec word_pieces_spec = {"model.builtin.native.WordPieces", sizeof(WordPieces), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, word_pieces_slots};
PyMethodDef functions[] = {
    {"sums", raising_memory_error<PyObject, sums_of>, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
PyModuleDef definition = {PyModuleDef_HEAD_INIT, "native", nullptr, 0, functions, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_native() {
    PyObject *module = PyModule_Create(&definition);
    PyObject *type = module ? PyType_FromSpec(&word_pieces_spec) : nullptr;
    const bool is_whole = type && PyModule_AddObjectRef(module, "WordPieces", type) == 0;
    Py_XDECREF(type);
    if (!is_whole) Py_CLEAR(module);
    return module;
}
