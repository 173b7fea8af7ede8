// A passage into sentences.

#include "native.h"

#include <array>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t MOST = 64;     // of one passage; more only in tables and lists
constexpr Py_ssize_t SHORTEST = 12;  // characters; a shorter piece (an abbreviation, a number) belongs to what follows
constexpr Py_ssize_t LONGEST = 400;  // characters; text without full stops is taken line by line

constexpr std::u32string_view STOPS = U".!?\u2026";  // end a sentence before a space
constexpr std::u32string_view CLOSING = U"\"'\u201d\u2019\u00bb)]";
constexpr std::u32string_view UNSPACED_STOPS = U"\u3002\uff01\uff1f\uff61\u0964\u061f\u06d4";  // need none behind them
constexpr std::u32string_view UNSPACED_CLOSING = U"\u201d\u2019\u00bb\uff09\u300d\u300f]";
constexpr std::u32string_view BULLETS = U"-*\u2022\u2013#>|";

// Whether a sentence may end here: most characters are passed by without another look.
constexpr std::array<bool, 128> ascii_ends() {
    std::array<bool, 128> found{};
    found['\n'] = found['.'] = found['!'] = found['?'] = true;
    return found;
}
constexpr std::array<bool, 128> ENDS = ascii_ends();

template <typename Character>
class Passage {
public:
    explicit Passage(PyObject *text)
        : characters(static_cast<const Character *>(PyUnicode_DATA(text))), size(PyUnicode_GET_LENGTH(text)) {}

    std::vector<Span> sentences() const {
        std::vector<Span> found;
        Py_ssize_t start = 0;
        for (Py_ssize_t at = 0; at < size;) {
            if (here(at) < ENDS.size() && !ENDS[here(at)]) {
                ++at;
                continue;
            }
            const Py_ssize_t end = border_from(at);
            if (end == at) {
                ++at;
                continue;
            }
            if (add(start, end, found)) start = end;
            at = end;
        }
        add(start, size, found);
        if (found.size() > MOST) found.resize(MOST);
        return found;
    }

private:
    const Character *const characters;
    const Py_ssize_t size;

    char32_t here(Py_ssize_t at) const { return characters[at]; }

    bool is_space(Py_ssize_t at) const { return at < size && Py_UNICODE_ISSPACE(here(at)); }

    bool is_one_of(std::u32string_view these, Py_ssize_t at) const {
        return at < size && these.find(here(at)) != these.npos;
    }

    Py_ssize_t behind(std::u32string_view these, Py_ssize_t at) const {
        while (is_one_of(these, at)) ++at;
        return at;
    }

    Py_ssize_t behind_spaces(Py_ssize_t at) const {
        while (is_space(at)) ++at;
        return at;
    }

    // Where what is between two sentences ends, if it begins here.
    Py_ssize_t border_from(Py_ssize_t at) const {
        const char32_t first = here(at);
        if (first == '\n') {
            const Py_ssize_t text = behind_spaces(at + 1);
            for (Py_ssize_t end = text; end > at + 1; --end)
                if (here(end - 1) == '\n') return end;
            return begins_item(text) ? at + 1 : at;
        }
        if (is_one_of(STOPS, at)) {
            const Py_ssize_t closed = behind(CLOSING, at + 1), end = behind_spaces(closed);
            return end > closed ? end : at;
        }
        if (first >= 128 && is_one_of(UNSPACED_STOPS, at)) return behind_spaces(behind(UNSPACED_CLOSING, at + 1));
        return at;
    }

    // Whether there is a bullet, a number or the border of a table.
    bool begins_item(Py_ssize_t at) const {
        if (is_one_of(BULLETS, at)) return is_space(at + 1);
        const Py_ssize_t first = at;
        while (at < size && Py_UNICODE_ISDECIMAL(here(at))) ++at;
        return at > first && is_one_of(U".)", at) && is_space(at + 1);
    }

    // Whether a piece of text does not belong to what follows.
    bool add(Py_ssize_t start, Py_ssize_t end, std::vector<Span> &found) const {
        const Span span = stripped(start, end);
        if (span.end - span.start < SHORTEST && end < size) return false;
        if (end - start > LONGEST)
            add_lines(start, end, found);
        else if (span.start < span.end)
            found.push_back(span);
        return true;
    }

    void add_lines(Py_ssize_t start, Py_ssize_t end, std::vector<Span> &found) const {
        for (Py_ssize_t at = start; at < end; ++at) {
            if (!Py_UNICODE_ISLINEBREAK(here(at)) && at + 1 < end) continue;
            const Span line = stripped(start, at + 1);
            if (line.start < line.end) found.push_back(line);
            start = at + 1;
        }
    }

    Span stripped(Py_ssize_t start, Py_ssize_t end) const {
        while (start < end && is_space(start)) ++start;
        while (start < end && is_space(end - 1)) --end;
        return {start, end};
    }
};

PyObject *listed(PyObject *, PyObject *text) {
    if (!PyUnicode_Check(text)) return PyErr_Format(PyExc_TypeError, "a text is a str, not %R", Py_TYPE(text));
    const std::vector<Span> found = sentences_of(text);
    PyObject *list = PyList_New(static_cast<Py_ssize_t>(found.size()));
    for (std::size_t place = 0; list && place < found.size(); ++place) {
        PyObject *item = Py_BuildValue("nn", found[place].start, found[place].end);
        if (item)
            PyList_SET_ITEM(list, static_cast<Py_ssize_t>(place), item);
        else
            Py_CLEAR(list);
    }
    return list;
}

}  // namespace

std::vector<Span> sentences_of(PyObject *text) {
    switch (PyUnicode_KIND(text)) {
        case PyUnicode_1BYTE_KIND: return Passage<Py_UCS1>(text).sentences();
        case PyUnicode_2BYTE_KIND: return Passage<Py_UCS2>(text).sentences();
        default: return Passage<Py_UCS4>(text).sentences();
    }
}

PyMethodDef sentences_functions[] = {
    {"sentences", raising_memory_error<PyObject, listed>, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
