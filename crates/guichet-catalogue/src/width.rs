//! How wide text is: on a terminal, where a Chinese character takes two columns, and on paper.

/// How many columns of a terminal a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

/// A text with its tabs and control characters as blanks, so that its width is known.
pub(crate) fn expand(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn char_columns(c: char) -> usize {
    match u32::from(c) {
        // Combining marks, and characters that are not seen.
        0x0300..=0x036f | 0x200b..=0x200f | 0xfe00..=0xfe0f | 0xfeff => 0,
        // Hangul, CJK with its punctuation, full-width forms, pictographs.
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Breaks a text into lines of at most `columns_max` columns: Latin text between words, Chinese text anywhere.
pub(crate) fn wrap(text: &str, columns_max: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        if columns(&line) + columns(piece.trim_end()) > columns_max && !line.is_empty() {
            lines.push(line.trim_end().to_owned());
            line = String::new();
        }
        let mut rest = piece;
        if line.is_empty() {
            rest = rest.trim_start();
        }
        // A word longer than a line is cut.
        for c in rest.chars() {
            if columns(line.trim_end()) + char_columns(c) > columns_max && !c.is_whitespace() {
                lines.push(line.trim_end().to_owned());
                line = String::new();
            }
            line.push(c);
        }
    }
    if !line.trim().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Words with the blanks after them, and wide characters one by one, closing punctuation kept with what it closes.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next = chars.peek().map(|(_, next)| *next);
        let closes = next.is_some_and(|next| "，。；：、）》」！？,.;:)".contains(next));
        let opens = "（《「(".contains(c);
        // Long names of facts, such as `case.needs_verification`.
        let joins = matches!(c, '_' | '.') && next.is_some_and(char::is_alphabetic);
        let breaks = joins
            || (c.is_whitespace() && !next.is_some_and(char::is_whitespace))
            || (!closes
                && !opens
                && (char_columns(c) == 2 || next.is_some_and(|next| char_columns(next) == 2)));
        if breaks {
            pieces.extend(text.get(start..end));
            start = end;
        }
    }
    pieces.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_takes_two_columns() {
        assert_eq!(columns("受理 5wd"), 8);
        assert_eq!(columns("e\u{301}"), 1);
    }

    #[test]
    fn latin_breaks_between_words_and_chinese_anywhere() {
        assert_eq!(wrap("works planning permit", 10), ["works", "planning", "permit"]);
        assert_eq!(wrap("建设工程规划许可证", 8), ["建设工程", "规划许可", "证"]);
        assert_eq!(wrap("意见书（初审）。", 8), ["意见书", "（初", "审）。"]);
        assert_eq!(wrap("abcdefghijkl", 5), ["abcde", "fghij", "kl"]);
        assert_eq!(
            wrap("case.needs_verification?", 20),
            ["case.needs_", "verification?"]
        );
        assert_eq!(wrap("", 5), [""]);
    }
}
