// Text into pieces.

#include "native.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace {

constexpr std::size_t AHEAD = 16;  // words between that whose place is asked for and that which is looked up

struct Release {
    void operator()(PyObject *object) const { Py_DECREF(object); }
};
using Owned = std::unique_ptr<PyObject, Release>;

// What a byte of UTF-8 is in a word, where case is ignored, or 0 where it is in none. Of what is not ASCII it is itself:
// what is in no word is gone by then.
constexpr std::array<unsigned char, 256> word_bytes() {
    std::array<unsigned char, 256> found{};
    for (int byte = 0; byte < 256; ++byte) {
        const bool is_upper = 'A' <= byte && byte <= 'Z', is_lower = 'a' <= byte && byte <= 'z';
        const bool is_in_words = is_upper || is_lower || ('0' <= byte && byte <= '9') || byte >= 128;
        if (is_in_words) found[byte] = static_cast<unsigned char>(is_upper ? byte - 'A' + 'a' : byte);
    }
    return found;
}
constexpr std::array<unsigned char, 256> IN_WORDS = word_bytes();

// Whether a word begins here within another one, as in camelCase.
bool is_camel_case(Py_UCS4 before, Py_UCS4 here) {
    return 'A' <= here && here <= 'Z' && 'a' <= before && before <= 'z';
}

struct Word {
    std::uint64_t hash;
    const unsigned char *start;
    Py_ssize_t size;
};

// FNV-1a: https://www.rfc-editor.org/rfc/rfc9923. The seed keeps anybody from writing words whose hashes are the same.
constexpr std::uint64_t FNV_BASIS = 0xCBF29CE484222325, FNV_PRIME = 0x100000001B3;

// The words of UTF-8, of which all that is not ASCII is in words.
void add_words(const unsigned char *text, Py_ssize_t size, std::uint64_t seed, std::vector<Word> &words) {
    for (const unsigned char *at = text, *const end = text + size; at != end;) {
        if (!IN_WORDS[*at]) {
            ++at;
            continue;
        }
        const unsigned char *const start = at;
        std::uint64_t hash = FNV_BASIS ^ seed;
        do {
            hash = (hash ^ IN_WORDS[*at]) * FNV_PRIME;
            ++at;
        } while (at != end && IN_WORDS[*at] && !is_camel_case(at[-1], *at));
        words.push_back({hash, start, at - start});
    }
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

// The forms in which characters that are not ASCII are looked up, in UTF-8.
class Forms {
public:
    struct Form {
        bool is_known, depends_on_others;
        unsigned char size;
        char bytes[13];
    };

    Form &of(Py_UCS4 character) {
        std::unique_ptr<Page> &page = pages[character / PAGE];
        if (!page) page.reset(new Page());
        return (*page)[character % PAGE];
    }

private:
    static constexpr std::size_t PAGE = 256, CHARACTERS = 0x110000;
    using Page = std::array<Form, PAGE>;
    std::array<std::unique_ptr<Page>, CHARACTERS / PAGE> pages;
};

struct WordPieces {
    PyObject_HEAD
    PyObject *form, *in_one_form, *encode;
    Py_ssize_t kept;
    std::uint64_t seed;
    Known *known;
    Forms *forms;
};

bool learn_form(const WordPieces *self, Py_UCS4 character, Forms::Form &form) {
    const Owned asked(PyUnicode_FromOrdinal(static_cast<int>(character)));
    const Owned given(asked ? PyObject_CallOneArg(self->form, asked.get()) : nullptr);
    if (!given) return false;
    Py_ssize_t size = 0;
    const char *bytes = given.get() == Py_None ? "" : PyUnicode_AsUTF8AndSize(given.get(), &size);
    if (!bytes) return false;
    form.depends_on_others = given.get() == Py_None || size > static_cast<Py_ssize_t>(sizeof form.bytes);
    if (!form.depends_on_others) {
        form.size = static_cast<unsigned char>(size);
        std::copy(bytes, bytes + size, form.bytes);
    }
    form.is_known = true;
    return true;
}

// A text, or a sentence of it.
struct Part {
    PyObject *text;
    Span span;
};

// Text in one form, character by character; `depends_on_others` where that is not how one of them is found.
bool put_in_one_form(const WordPieces *self, Part part, std::string &formed, bool &depends_on_others) {
    const int kind = PyUnicode_KIND(part.text);
    const void *const characters = PyUnicode_DATA(part.text);
    formed.clear();
    depends_on_others = false;
    Py_UCS4 before = 0;
    for (Py_ssize_t at = part.span.start; at < part.span.end && !depends_on_others; ++at) {
        const Py_UCS4 here = PyUnicode_READ(kind, characters, at);
        if (here < 128) {
            if (is_camel_case(before, here)) formed += ' ';
            const unsigned char byte = IN_WORDS[here];
            formed += byte ? static_cast<char>(byte) : ' ';
        } else {
            Forms::Form &form = self->forms->of(here);
            if (!form.is_known && !learn_form(self, here, form)) return false;
            formed.append(form.bytes, form.size);
            depends_on_others = form.depends_on_others;
        }
        before = here;
    }
    return true;
}

// The words of parts of texts, as long as these live, and how many words there are up to the end of each part.
struct Texts {
    std::vector<std::string> formed;
    std::vector<Word> words;
    std::vector<std::size_t> ends;
};

bool read_texts(const WordPieces *self, const std::vector<Part> &parts, Texts &read) {
    read.formed.resize(parts.size());
    const Owned others(PyList_New(0));
    std::vector<std::string *> places;
    if (!others) return false;
    for (std::size_t place = 0; place < parts.size(); ++place) {
        const auto [text, span] = parts[place];
        bool depends_on_others = false;
        if (!PyUnicode_IS_ASCII(text) && !put_in_one_form(self, parts[place], read.formed[place], depends_on_others))
            return false;
        if (!depends_on_others) continue;
        const Owned own(PyUnicode_Substring(text, span.start, span.end));
        if (!own || PyList_Append(others.get(), own.get())) return false;
        places.push_back(&read.formed[place]);
    }
    const Owned given(places.empty() ? PyTuple_New(0) : PyObject_CallOneArg(self->in_one_form, others.get()));
    const Owned formed(given ? PySequence_Tuple(given.get()) : nullptr);
    if (!formed) return false;
    for (std::size_t place = 0; place < places.size(); ++place) {
        PyObject *one = PyTuple_GetItem(formed.get(), static_cast<Py_ssize_t>(place));  // raises if there is none
        Py_ssize_t size;
        const char *bytes = one ? PyUnicode_AsUTF8AndSize(one, &size) : nullptr;
        if (!bytes) return false;
        places[place]->assign(bytes, static_cast<std::size_t>(size));
    }
    for (std::size_t place = 0; place < parts.size(); ++place) {
        const auto [text, span] = parts[place];
        const std::string &own = read.formed[place];
        const bool is_ascii = PyUnicode_IS_ASCII(text);
        const auto *bytes = is_ascii ? static_cast<const char *>(PyUnicode_DATA(text)) + span.start : own.data();
        const Py_ssize_t size = is_ascii ? span.end - span.start : static_cast<Py_ssize_t>(own.size());
        add_words(reinterpret_cast<const unsigned char *>(bytes), size, self->seed, read.words);
        read.ends.push_back(read.words.size());
    }
    return true;
}

PyObject *spelled(const std::vector<Word> &words) {
    Owned list(PyList_New(static_cast<Py_ssize_t>(words.size())));
    std::string spelling;
    for (std::size_t place = 0; list && place < words.size(); ++place) {
        spelling.resize(static_cast<std::size_t>(words[place].size));
        std::transform(words[place].start, words[place].start + words[place].size, spelling.begin(),
                       [](unsigned char byte) { return static_cast<char>(IN_WORDS[byte]); });
        PyObject *word = PyUnicode_DecodeUTF8(spelling.data(), words[place].size, nullptr);
        if (word)
            PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(place), word);
        else
            list.reset();
    }
    return list.release();
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

struct Found {
    std::vector<Piece> pieces;
    std::vector<std::int64_t> sizes;  // of the parts
};

bool find_pieces(WordPieces *self, const std::vector<Part> &parts, Found &found) {
    Texts texts;
    if (!read_texts(self, parts, texts)) return false;
    const std::vector<Word> &words = texts.words;
    for (;;) {  // again for new words, and where another thread had all forgotten while they were encoded
        std::vector<Word> unmet;
        std::unordered_set<std::uint64_t> noted;
        std::size_t place = 0, start = 0;
        found = {};
        for (const std::size_t end : texts.ends) {
            for (; place != end; ++place) {
                if (place + AHEAD < words.size()) self->known->ask_for_place(words[place + AHEAD].hash);
                if (!self->known->append(words[place].hash, found.pieces) && noted.insert(words[place].hash).second)
                    unmet.push_back(words[place]);
            }
            found.sizes.push_back(static_cast<std::int64_t>(found.pieces.size() - start));
            start = found.pieces.size();
        }
        if (unmet.empty()) break;
        const Owned list(spelled(unmet));
        const Owned encoded(list ? PyObject_CallOneArg(self->encode, list.get()) : nullptr);
        if (!encoded || !learn(*self->known, unmet, encoded.get())) return false;
    }
    if (self->known->size() > static_cast<std::size_t>(self->kept)) *self->known = Known();
    return true;
}

// The parts of texts, which `split` adds to others.
template <typename Split>
bool take_apart(PyObject *texts, std::vector<Part> &parts, Split split) {
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(texts); ++place) {
        PyObject *text = PyTuple_GET_ITEM(texts, place);
        if (!PyUnicode_Check(text)) {
            PyErr_Format(PyExc_TypeError, "a text is a str, not %R", Py_TYPE(text));
            return false;
        }
        split(text, parts);
    }
    return true;
}

PyObject *pieces_of(WordPieces *self, PyObject *given) {
    const Owned texts(PySequence_Tuple(given));
    std::vector<Part> parts;
    Found found;
    const auto whole = [](PyObject *text, std::vector<Part> &to) {
        to.push_back({text, {0, PyUnicode_GET_LENGTH(text)}});
    };
    if (!texts || !take_apart(texts.get(), parts, whole) || !find_pieces(self, parts, found)) return nullptr;
    return Py_BuildValue("NN", bytes_of(found.pieces), bytes_of(found.sizes));
}

PyObject *pieces_of_sentences(WordPieces *self, PyObject *given) {
    const Owned texts(PySequence_Tuple(given));
    std::vector<Part> parts;
    std::vector<std::int64_t> counts;
    Found found;
    const auto sentences = [&](PyObject *text, std::vector<Part> &to) {
        const std::vector<Span> spans = sentences_of(text);
        for (const Span span : spans) to.push_back({text, span});
        counts.push_back(static_cast<std::int64_t>(spans.size()));
    };
    if (!texts || !take_apart(texts.get(), parts, sentences) || !find_pieces(self, parts, found)) return nullptr;
    return Py_BuildValue("NNN", bytes_of(found.pieces), bytes_of(found.sizes), bytes_of(counts));
}

PyObject *word_pieces_new(PyTypeObject *type, PyObject *arguments, PyObject *) {
    PyObject *form, *in_one_form, *encode;
    Py_ssize_t kept;
    unsigned long long seed;
    if (!PyArg_ParseTuple(arguments, "OOOnK", &form, &in_one_form, &encode, &kept, &seed)) return nullptr;
    auto *self = reinterpret_cast<WordPieces *>(type->tp_alloc(type, 0));
    if (!self) return nullptr;
    self->form = Py_NewRef(form);
    self->in_one_form = Py_NewRef(in_one_form);
    self->encode = Py_NewRef(encode);
    self->kept = kept;
    self->seed = seed;
    try {
        self->known = new Known;
        self->forms = new Forms();
    } catch (const std::bad_alloc &) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    return reinterpret_cast<PyObject *>(self);
}

int word_pieces_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(reinterpret_cast<WordPieces *>(self)->form);
    Py_VISIT(reinterpret_cast<WordPieces *>(self)->in_one_form);
    Py_VISIT(reinterpret_cast<WordPieces *>(self)->encode);
    return 0;
}

int word_pieces_clear(PyObject *self) {
    Py_CLEAR(reinterpret_cast<WordPieces *>(self)->form);
    Py_CLEAR(reinterpret_cast<WordPieces *>(self)->in_one_form);
    Py_CLEAR(reinterpret_cast<WordPieces *>(self)->encode);
    return 0;
}

void word_pieces_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    word_pieces_clear(self);
    delete reinterpret_cast<WordPieces *>(self)->known;
    delete reinterpret_cast<WordPieces *>(self)->forms;
    type->tp_free(self);
    Py_DECREF(type);
}

Py_ssize_t word_pieces_length(PyObject *self) {
    return static_cast<Py_ssize_t>(reinterpret_cast<WordPieces *>(self)->known->size());
}

PyMethodDef word_pieces_methods[] = {
    {"of", raising_memory_error<WordPieces, pieces_of>, METH_O, nullptr},
    {"of_sentences", raising_memory_error<WordPieces, pieces_of_sentences>, METH_O, nullptr},
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

}  // namespace

PyType_Spec word_pieces_spec = {"model.builtin.native.WordPieces", sizeof(WordPieces), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, word_pieces_slots};
