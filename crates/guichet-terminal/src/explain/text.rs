//! An explanation as text for a terminal.

use anstyle::{AnsiColor, Style};
use guichet_core::explain::{Day, Explanation};
use guichet_core::lang::Lang;
use guichet_core::light::Light;
use guichet_core::time::Date;

use super::words::{self, say};
use super::{Explained, Sheet, sheet};
use crate::table;

/// How the text is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Whether days that read alike share a line.
    pub brief: bool,
    /// Whether the lights are coloured.
    pub colours: bool,
    /// How wide the terminal is; without one, no line is broken.
    pub columns: Option<u16>,
}

/// The explanations as text.
///
/// ```
/// # use guichet_core::{id::CaseId, lang::Lang};
/// use guichet_terminal::explain::{Layout, Sheet, text};
/// let sheet = Sheet::new(CaseId::new("2010-1")?, "餐饮服务许可", Vec::new());
/// assert_eq!(text(&sheet, Lang::Zh, Layout::default()), "2010-1  餐饮服务许可\n");
/// # Ok::<(), guichet_core::id::IdError>(())
/// ```
#[must_use]
pub fn text(sheet: &Sheet, lang: Lang, layout: Layout) -> String {
    let mut text = format!("{}  {}\n", sheet.case, sheet.procedure);
    for explained in &sheet.clocks {
        text.push('\n');
        clock(&mut text, explained, lang, layout);
    }
    text
}

fn clock(text: &mut String, explained: &Explained, lang: Lang, layout: Layout) {
    let e = &explained.explanation;
    text.push_str(&sheet::title(explained, lang));
    text.push('\n');
    let mut fields = sheet::fields(e, lang);
    fields.insert(0, (say(lang, "状态灯", "light"), light(e, lang, layout)));
    let columns = fields
        .iter()
        .map(|(name, _)| table::width(name))
        .max()
        .unwrap_or_default();
    for (name, value) in &fields {
        let margin = columns + 4;
        text.push_str("  ");
        text.push_str(&table::padded(name, columns));
        text.push_str("  ");
        text.push_str(&table::hanging(value, margin, layout.columns));
        text.push('\n');
    }
    let items = sheet::items(e, lang);
    if !items.is_empty() {
        let mut rows = table::table_of(sheet::item_headings(lang), layout.columns);
        for item in items {
            rows.add_row(vec![
                item.name,
                item.extent,
                item.effect,
                item.reason,
                or_dash(item.notice),
                item.events,
            ]);
        }
        table::wrap_only(&mut rows, &[2, 3, 4, 5]);
        text.push('\n');
        text.push_str(&table::print(&rows));
    }
    let mut rows = table::table_of(sheet::day_headings(lang), layout.columns);
    for line in lines(e, lang, layout.brief) {
        rows.add_row(line.to_vec());
    }
    table::wrap_only(&mut rows, &[2, 3, 5]);
    text.push('\n');
    text.push_str(&table::print(&rows));
}

fn light(e: &Explanation, lang: Lang, layout: Layout) -> String {
    let shown = words::light(e.light, lang);
    let standing = words::standing(e.light, e.stopped.is_some(), lang);
    let colon = say(lang, "：", ": ");
    if !layout.colours {
        return format!("{shown}{colon}{standing}");
    }
    let style = style(e.light);
    format!("{style}{shown}{style:#}{colon}{standing}")
}

/// The colour of a light on a terminal.
const fn style(light: Light) -> Style {
    let style = Style::new().bold();
    let colour = match light {
        Light::Green => AnsiColor::Green,
        Light::Yellow => AnsiColor::Yellow,
        Light::Red => AnsiColor::Red,
        // Black would not be seen on most terminals.
        Light::Black => return style.invert(),
        Light::Grey => AnsiColor::BrightBlack,
    };
    style.fg_color(Some(anstyle::Color::Ansi(colour)))
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "–".to_owned() } else { text }
}

type Line = [String; 6];

/// The days as lines of the table.
fn lines(e: &Explanation, lang: Lang, brief: bool) -> Vec<Line> {
    let days: Vec<(&Day, String)> = e
        .days
        .iter()
        .map(|day| (day, sheet::remark(e, day, lang)))
        .collect();
    // Days on which something happened keep a line of their own.
    let alike = |(a, said): &(&Day, String), (b, says): &(&Day, String)| {
        brief
            && said.is_empty()
            && says.is_empty()
            && (a.reading, a.pause, a.extended) == (b.reading, b.pause, b.extended)
    };
    days.chunk_by(alike)
        .filter_map(|run| match run {
            [] => None,
            [(day, remark)] => Some(one(day, remark, lang)),
            [(first, _), .., (last, _)] => Some(folded(first, last, run, lang)),
        })
        .collect()
}

fn one(day: &Day, remark: &str, lang: Lang) -> Line {
    [
        day.date.to_string(),
        words::weekday(day.weekday, lang).to_owned(),
        words::named_kind(day, lang),
        words::reading(day, lang),
        words::nth(day, lang),
        remark.to_owned(),
    ]
}

/// Several days that read alike.
fn folded(first: &Day, last: &Day, run: &[(&Day, String)], lang: Lang) -> Line {
    let count = run.len();
    let works = run.iter().filter(|(day, _)| day.kind.works()).count();
    let off = count.saturating_sub(works);
    let days = match (lang, works, off) {
        (Lang::Zh, _, 0) => format!("{works}个工作日"),
        (Lang::Zh, 0, _) => format!("{off}个休息日"),
        (Lang::Zh, _, _) => format!("{works}个工作日、{off}个休息日"),
        (Lang::En, _, 0) => format!("{works} working days"),
        (Lang::En, 0, _) => format!("{off} days off"),
        (Lang::En, _, _) => format!("{works} working, {off} off"),
    };
    let nth = match (words::nth(first, lang), words::nth(last, lang)) {
        (from, to) if from.is_empty() || to.is_empty() => String::new(),
        (from, to) => format!("{from}–{to}"),
    };
    [
        format!("{}–{}", first.date, month_and_day(last.date)),
        format!(
            "{}–{}",
            words::weekday(first.weekday, lang),
            words::weekday(last.weekday, lang)
        ),
        days,
        words::reading(first, lang),
        nth,
        String::new(),
    ]
}

fn month_and_day(date: Date) -> String {
    let (_, month, day) = date.ymd();
    format!("{month:02}-{day:02}")
}
