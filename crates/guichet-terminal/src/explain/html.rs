//! An explanation as a page that stands alone and prints well.

use std::fmt::Write as _;

use guichet_catalogue::escape;
use guichet_core::explain::{Day, Explanation, Reading};
use guichet_core::lang::Lang;
use guichet_core::light::Light;

use super::words::{self, say};
use super::{Explained, Sheet, sheet};

const STYLE: &str = "body{font-family:'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei','Helvetica Neue',Arial,'Noto Sans',sans-serif;\
color:#1d2733;background:#fff;line-height:1.5;max-width:60rem;margin:2rem auto;padding:0 1.25rem}\
h1{font-size:1.6rem;line-height:1.25;margin:0}h2{font-size:1.25rem;margin:2rem 0 .6rem;padding-bottom:.25rem;border-bottom:2px solid #3a6ea5}\
h3{font-size:1rem;margin:1.4rem 0 .4rem}.case{color:#4a5866;margin:.2rem 0 1rem}\
table{border-collapse:collapse;width:100%;font-size:.92rem}th,td{text-align:left;vertical-align:top;padding:.28rem .6rem;border-bottom:1px solid #cfd6dd}\
thead th{background:#edf4fb;font-weight:600}tbody th{font-weight:400}table.facts th{width:9rem;color:#4a5866}\
table.days td.n,table.days th.n{text-align:right;white-space:nowrap}table.days tbody th,table.items tbody th,.d{white-space:nowrap;font-variant-numeric:tabular-nums}\
.light{display:inline-block;padding:.05rem .6rem;border-radius:999px;border:1px solid;font-weight:600;white-space:nowrap}\
.green{color:#14532d;background:#e3f4e8;border-color:#2f7d4b}.yellow{color:#5c4503;background:#fdf3d8;border-color:#8a7420}\
.red{color:#8a1420;background:#fdeaec;border-color:#b3202f}.black{color:#fff;background:#1d2733;border-color:#1d2733}\
.grey{color:#3c4650;background:#e8ebee;border-color:#6b7682}\
tr.off td,tr.off th,tr.void td,tr.void th,tr.rolled td,tr.rolled th{color:#5c6773;background:#f5f6f8}tr.paused td,tr.paused th{background:#eceef6}tr.void td,tr.void th{text-decoration:line-through}\
tr.counted td.r,tr.start td.r{font-weight:600}tr.extended td,tr.extended th{background:#eef6ee}tr.late td,tr.late th{background:#fdeaec}\
tr.due td,tr.due th{border-bottom:3px double #1d2733;font-weight:600}\
@media print{body{margin:0;max-width:none;font-size:10pt}h2,h3{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}\
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}section+section{break-before:page}}";

/// The explanations as one HTML page that needs nothing beside it.
///
/// ```
/// # use guichet_core::{id::CaseId, lang::Lang};
/// use guichet_terminal::explain::{Sheet, html};
/// let sheet = Sheet::new(CaseId::new("2010-1")?, "Food & drink", Vec::new());
/// let page = html(&sheet, Lang::En);
/// assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">") && page.contains("<h1>Food &amp; drink</h1>"));
/// # Ok::<(), guichet_core::id::IdError>(())
/// ```
#[must_use]
pub fn html(sheet: &Sheet, lang: Lang) -> String {
    let procedure = escape(&sheet.procedure);
    let case = escape(sheet.case.as_str());
    let (what, colon) = (
        say(lang, "计时说明", "How its time was counted"),
        say(lang, "：", ": "),
    );
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{case}{colon}{what}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{procedure}</h1>\n<p class=\"case\">{}{colon}{case} · {what}</p>\n",
        lang.tag(),
        say(lang, "办件", "Case"),
    );
    for explained in &sheet.clocks {
        clock(&mut page, explained, lang);
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

// Writing to a string cannot fail, here and below.
fn clock(page: &mut String, explained: &Explained, lang: Lang) {
    let e = &explained.explanation;
    let _ = writeln!(
        page,
        "<section>\n<h2>{}</h2>",
        escape(&capital(&sheet::title(explained, lang)))
    );
    facts(page, e, lang);
    let items = sheet::items(e, lang);
    if !items.is_empty() {
        let _ = writeln!(
            page,
            "<h3>{}</h3>\n<table class=\"items\">",
            say(lang, "中止与延长", "What moved it")
        );
        head(page, &sheet::item_headings(lang), None);
        page.push_str("<tbody>\n");
        for item in items {
            let _ = write!(
                page,
                "<tr><th scope=\"row\">{}</th><td class=\"d\">{}</td>",
                escape(&item.name),
                escape(&item.extent)
            );
            for cell in [item.effect, item.reason, item.notice, item.events] {
                let _ = write!(page, "<td>{}</td>", escape(&cell));
            }
            page.push_str("</tr>\n");
        }
        page.push_str("</tbody>\n</table>\n");
    }
    let _ = writeln!(
        page,
        "<h3>{}</h3>\n<table class=\"days\">",
        say(lang, "逐日计算", "Day by day")
    );
    head(page, &sheet::day_headings(lang), Some(4));
    page.push_str("<tbody>\n");
    for day in &e.days {
        row(page, e, day, lang);
    }
    page.push_str("</tbody>\n</table>\n</section>\n");
}

fn facts(page: &mut String, e: &Explanation, lang: Lang) {
    let _ = writeln!(
        page,
        "<table class=\"facts\">\n<tbody>\n<tr><th scope=\"row\">{}</th><td><span class=\"light {}\">{}</span> {}</td></tr>",
        capital(say(lang, "状态灯", "light")),
        colour(e.light),
        words::light(e.light, lang),
        escape(words::standing(e.light, e.stopped.is_some(), lang)),
    );
    for (name, value) in sheet::fields(e, lang) {
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
            escape(&capital(name)),
            escape(&value)
        );
    }
    page.push_str("</tbody>\n</table>\n");
}

fn head(page: &mut String, headings: &[&str], numbers: Option<usize>) {
    page.push_str("<thead><tr>");
    for (place, heading) in headings.iter().enumerate() {
        let class = if Some(place) == numbers {
            " class=\"n\""
        } else {
            ""
        };
        let _ = write!(
            page,
            "<th scope=\"col\"{class}>{}</th>",
            escape(&capital(heading))
        );
    }
    page.push_str("</tr></thead>\n");
}

fn row(page: &mut String, e: &Explanation, day: &Day, lang: Lang) {
    let mut class = day.reading.as_str().to_owned();
    if day.reading == Reading::Counted && day.extended {
        class.push_str(" extended");
    }
    if day.date == e.due_on {
        class.push_str(" due");
    }
    let _ = writeln!(
        page,
        "<tr class=\"{class}\"><th scope=\"row\">{}</th><td class=\"d\">{}</td><td>{}</td><td class=\"r\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>",
        day.date,
        words::weekday(day.weekday, lang),
        escape(&words::named_kind(day, lang)),
        escape(&words::reading(day, lang)),
        words::nth(day, lang),
        escape(&sheet::remark(e, day, lang)),
    );
}

/// The class of a light: its code.
const fn colour(light: Light) -> &'static str {
    light.as_str()
}

/// A heading of a page begins with a capital letter.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
