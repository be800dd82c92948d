//! A flow as an SVG: boxes from top to bottom, branches side by side in a frame.
//!
//! Because blocks nest and never cross, the layout needs no solver: every block is measured once and placed once.

use std::fmt::Write as _;

use guichet_core::flow::{Block, Choice, Parallel, Step};
use guichet_core::lang::Lang;
use guichet_core::procedure::Procedure;
use guichet_core::reference::Catalogue;

use super::Captions;
use crate::width::{columns, wrap};
use crate::words::{Words, escape};

/// Widths and heights in pixels of a screen with 96 to the inch.
mod size {
    pub(super) const STEP_WIDTH: u32 = 184;
    pub(super) const PAD: u32 = 10;
    /// Between blocks, from top to bottom: room for an arrow.
    pub(super) const GAP: u32 = 26;
    /// Between branches.
    pub(super) const BESIDE: u32 = 18;
    pub(super) const MARGIN: u32 = 28;
    pub(super) const TITLE: Font = Font { size: 14, line: 18 };
    pub(super) const SMALL: Font = Font { size: 12, line: 16 };
    pub(super) const HEAD: Font = Font { size: 24, line: 32 };

    /// A size of letters, and the height of their lines.
    #[derive(Clone, Copy)]
    pub(super) struct Font {
        pub(super) size: u32,
        pub(super) line: u32,
    }

    impl Font {
        /// The width of text that takes so many columns of a terminal. Latin letters of the fonts named in the style
        /// are up to 0.6 of their size wide on the average of a word, Chinese ones as wide as their size.
        pub(super) fn width(self, columns: usize) -> u32 {
            u32::try_from(columns)
                .unwrap_or(u32::MAX / 64)
                .saturating_mul(self.size * 3)
                .div_ceil(5)
        }

        /// How many columns fit into a width.
        pub(super) fn columns(self, width: u32) -> usize {
            usize::try_from(width * 5 / (self.size * 3))
                .unwrap_or(usize::MAX)
                .max(1)
        }
    }
}
use size::{BESIDE, Font, GAP, HEAD, MARGIN, PAD, SMALL, STEP_WIDTH, TITLE};

const STYLE: &str = "text{font-family:'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei','Helvetica Neue',Arial,'Noto Sans',sans-serif;fill:#1d2733}\
.t{font-size:14px;font-weight:600}.s{font-size:12px}.h{font-size:24px;font-weight:700}\
.m{text-anchor:middle}.step{fill:#ffffff;stroke:#5b6b7c}.decides{fill:#e3f4e6;stroke:#2c7a3f;stroke-width:2}\
.safety{fill:#fdeee0;stroke:#b3541e;stroke-width:2}.group{fill:#edf4fb;stroke:#3a6ea5}.sub{fill:#f6f6f3;stroke:#8a8a7c}\
.optional{fill:none;stroke:#5b6b7c;stroke-dasharray:6 4}.choice{fill:#fdf8dc;stroke:#8a7420}\
.end{fill:#1d2733;stroke:none}.inverse{fill:#ffffff}.line{fill:none;stroke:#3f4c5a;stroke-width:1.5}.arrow{fill:#3f4c5a}";

/// The flow of a procedure as an SVG document. The same procedure always gives the same bytes.
///
/// ```
/// # use guichet_catalogue::{Lang, diagram};
/// let demo = guichet_catalogue::embedded("harbin-2010")?;
/// let catalogue = &demo.catalogue;
/// let card = catalogue.procedures.iter().find(|procedure| procedure.id == "senior-card").ok_or("not there")?;
/// assert!(diagram::svg(card, catalogue, Lang::Zh).starts_with("<svg "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn svg(procedure: &Procedure, catalogue: &Catalogue, lang: Lang) -> String {
    let captions = Captions {
        catalogue,
        procedure,
        lang,
    };
    let flow = procedure.flow.as_ref().map(|flow| Shape::of(flow, captions));
    let empty = Extent {
        width: STEP_WIDTH,
        height: 0,
    };
    let extent = flow.as_ref().map_or(empty, |flow| flow.extent);
    let terms = subtitle(captions);
    let head_columns = columns(lang.name(&procedure.name));
    let width = extent
        .width
        .max(HEAD.width(head_columns))
        .max(SMALL.width(columns(&terms)))
        .max(legend_width(lang))
        + 2 * MARGIN;
    let head_height = HEAD.line + 2 * SMALL.line + PAD;
    let pill = TITLE.line + PAD;
    let flow_height = if extent.height == 0 {
        0
    } else {
        extent.height + GAP
    };
    let height = MARGIN + head_height + pill + GAP + flow_height + pill + GAP + SMALL.line + 2 * PAD + MARGIN;

    let mut page = Page { text: String::new() };
    // Writing to a string cannot fail.
    let _ = write!(
        page.text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"chart-title chart-desc\" xml:lang=\"{}\">\n<title id=\"chart-title\">{}</title>\n\
         <desc id=\"chart-desc\">{}</desc>\n<style>{STYLE}</style>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n",
        lang.tag(),
        escape(lang.name(&procedure.name)),
        escape(&description(captions)),
    );
    let middle = width / 2;
    let mut y = MARGIN;
    page.text_line(middle, y, HEAD, "h m", lang.name(&procedure.name));
    y += HEAD.line;
    page.text_line(middle, y, SMALL, "s m", lang.other_name(&procedure.name));
    y += SMALL.line;
    page.text_line(middle, y, SMALL, "s m", &terms);
    y += SMALL.line + PAD;
    page.pill(middle, y, lang.of("申请", "Application"));
    y += pill;
    page.arrow(middle, y, y + GAP);
    y += GAP;
    if let Some(flow) = flow.as_ref().filter(|flow| flow.extent.height > 0) {
        flow.draw(&mut page, middle, y);
        y += flow.extent.height;
        page.arrow(middle, y, y + GAP);
        y += GAP;
    }
    page.pill(middle, y, lang.of("结束", "End"));
    y += pill + GAP;
    page.legend(middle, y, lang);
    page.text.push_str("</svg>\n");
    page.text
}

/// The department and the terms, in one line below the title.
fn subtitle(captions: Captions<'_>) -> String {
    let Captions {
        catalogue,
        procedure,
        lang,
    } = captions;
    let mut parts = vec![lang.department(catalogue, &procedure.department).to_owned()];
    if let Some(statutory) = &procedure.terms.statutory {
        parts.push(format!(
            "{}{}{}",
            lang.of("法定时限", "by law"),
            lang.colon(),
            lang.term(statutory.term)
        ));
    }
    if let Some(promised) = &procedure.terms.promised {
        parts.push(format!(
            "{}{}{}",
            lang.of("承诺时限", "promised"),
            lang.colon(),
            lang.term(promised.term)
        ));
    }
    parts.join(" · ")
}

/// The chart in words, for those who do not see it.
fn description(captions: Captions<'_>) -> String {
    let lang = captions.lang;
    let steps = captions
        .procedure
        .flow
        .as_ref()
        .map_or_else(Vec::new, Block::steps);
    let names: Vec<_> = steps
        .iter()
        .map(|step| format!("{} ({})", captions.step_title(step), captions.department(step)))
        .collect();
    match lang {
        Lang::Zh => format!("流程图，共{}个步骤：{}。", names.len(), names.join("；")),
        Lang::En => format!("A flow chart of {} steps: {}.", names.len(), names.join("; ")),
    }
}

#[derive(Clone, Copy)]
struct Extent {
    width: u32,
    height: u32,
}

/// A measured block. What goes in and out of it stands at its middle.
struct Shape {
    extent: Extent,
    drawn: Drawn,
}

enum Drawn {
    Step {
        class: &'static str,
        lines: Vec<Line>,
    },
    Sequence(Vec<Shape>),
    Frame {
        class: &'static str,
        lines: Vec<Line>,
        inside: Vec<Shape>,
        /// Whether the branches fork from one point and join in another.
        forks: bool,
    },
    Choice {
        lines: Vec<Line>,
        yes: Box<Shape>,
        no: Option<Box<Shape>>,
        labels: (&'static str, &'static str),
    },
}

struct Line {
    text: String,
    font: Font,
    class: &'static str,
}

fn lines(text: &str, font: Font, class: &'static str, width: u32) -> impl Iterator<Item = Line> {
    wrap(text, font.columns(width))
        .into_iter()
        .map(move |text| Line { text, font, class })
}

/// As many parts a line as fit into it, so that no part is broken that a line can hold.
fn packed(parts: &[String], columns_max: usize) -> Vec<String> {
    let mut packed: Vec<String> = Vec::new();
    for part in parts {
        match packed.last_mut() {
            Some(line) if columns(line) + columns(part) + 3 <= columns_max => {
                line.push_str(" · ");
                line.push_str(part);
            }
            Some(_) | None => packed.push(part.clone()),
        }
    }
    packed
}

fn height_of(lines: &[Line]) -> u32 {
    lines.iter().map(|line| line.font.line).sum()
}

impl Shape {
    fn of(block: &Block, captions: Captions<'_>) -> Self {
        match block {
            Block::Step(step) => Self::step(step, captions),
            Block::Sequence(blocks) => {
                Self::sequence(blocks.iter().map(|block| Self::of(block, captions)).collect())
            }
            Block::Parallel(group) => Self::group(group, captions),
            Block::Choice(choice) => Self::choice(choice, captions),
            Block::Optional(optional) => {
                let inside = Self::of(&optional.block, captions);
                let title = captions.lang.of("可跳过", "may be skipped");
                Self::frame(
                    "optional",
                    &[(title.to_owned(), SMALL, "s m")],
                    vec![inside],
                    false,
                )
            }
            Block::Procedure(sub) => {
                let inside = sub.flow.iter().map(|flow| Self::of(flow, captions)).collect();
                Self::frame("sub", &[(captions.sub_title(sub), TITLE, "t m")], inside, false)
            }
        }
    }

    fn step(step: &Step, captions: Captions<'_>) -> Self {
        let width = STEP_WIDTH - 2 * PAD;
        let mut text: Vec<Line> = lines(captions.step_title(step), TITLE, "t m", width).collect();
        text.extend(lines(captions.department(step), SMALL, "s m", width));
        for details in packed(&captions.step_details(step), SMALL.columns(width)) {
            text.extend(lines(&details, SMALL, "s m", width));
        }
        let class = if step.decides {
            "decides"
        } else if step.safety {
            "safety"
        } else {
            "step"
        };
        Self {
            extent: Extent {
                width: STEP_WIDTH,
                height: height_of(&text) + 2 * PAD,
            },
            drawn: Drawn::Step { class, lines: text },
        }
    }

    fn sequence(inside: Vec<Self>) -> Self {
        let gaps = u32::try_from(inside.len().saturating_sub(1)).unwrap_or(u32::MAX / GAP);
        let width = inside
            .iter()
            .map(|shape| shape.extent.width)
            .max()
            .unwrap_or(STEP_WIDTH);
        let height = inside.iter().map(|shape| shape.extent.height).sum::<u32>() + gaps * GAP;
        Self {
            extent: Extent { width, height },
            drawn: Drawn::Sequence(inside),
        }
    }

    fn group(group: &Parallel, captions: Captions<'_>) -> Self {
        let inside = group
            .branches
            .iter()
            .map(|branch| Self::of(branch, captions))
            .collect();
        let mut head = vec![(captions.group_title(group).to_owned(), TITLE, "t m")];
        head.extend(
            captions
                .group_details(group)
                .into_iter()
                .map(|line| (line, SMALL, "s m")),
        );
        Self::frame("group", &head, inside, true)
    }

    fn frame(
        class: &'static str,
        head: &[(String, Font, &'static str)],
        inside: Vec<Self>,
        forks: bool,
    ) -> Self {
        let gaps = u32::try_from(inside.len().saturating_sub(1)).unwrap_or(u32::MAX / BESIDE);
        let row = inside.iter().map(|shape| shape.extent.width).sum::<u32>() + gaps * BESIDE;
        // A short frame grows with its words up to a point; then they wrap.
        let words = head
            .iter()
            .map(|(text, font, _)| font.width(columns(text)))
            .max()
            .unwrap_or_default();
        let width = row.max(words.min(2 * STEP_WIDTH)).max(STEP_WIDTH);
        let mut text: Vec<Line> = Vec::new();
        for (head, font, class) in head {
            let parts: Vec<_> = head.split(" · ").map(str::to_owned).collect();
            for head in packed(&parts, font.columns(width)) {
                text.extend(lines(&head, *font, class, width));
            }
        }
        let tallest = inside
            .iter()
            .map(|shape| shape.extent.height)
            .max()
            .unwrap_or_default();
        let around = if forks { 2 * GAP } else { PAD };
        Self {
            extent: Extent {
                width: width + 2 * PAD,
                height: PAD + height_of(&text) + around + tallest + PAD,
            },
            drawn: Drawn::Frame {
                class,
                lines: text,
                inside,
                forks,
            },
        }
    }

    fn choice(choice: &Choice, captions: Captions<'_>) -> Self {
        let yes = Box::new(Self::of(&choice.then, captions));
        let no = choice
            .otherwise
            .as_ref()
            .map(|otherwise| Box::new(Self::of(otherwise, captions)));
        let text: Vec<Line> =
            lines(&Captions::question(choice), SMALL, "s m", STEP_WIDTH - 4 * PAD).collect();
        let diamond = height_of(&text) + 2 * PAD + PAD;
        let (width, tallest) = match &no {
            Some(no) => (
                yes.extent.width + BESIDE + no.extent.width,
                yes.extent.height.max(no.extent.height),
            ),
            // The way past runs on the right; so that the middle stays the middle, the left is as wide.
            None => (yes.extent.width + 2 * BYPASS, yes.extent.height),
        };
        Self {
            extent: Extent {
                width: width.max(STEP_WIDTH + 2 * BYPASS),
                height: diamond + GAP + tallest + GAP,
            },
            drawn: Drawn::Choice {
                lines: text,
                yes,
                no,
                labels: (captions.lang.yes_no(true), captions.lang.yes_no(false)),
            },
        }
    }

    /// Draws the shape below `y`, its middle at `x`.
    fn draw(&self, page: &mut Page, x: u32, y: u32) {
        let Extent { width, height } = self.extent;
        let left = x.saturating_sub(width / 2);
        match &self.drawn {
            Drawn::Step { class, lines } => {
                page.rect(class, left, y, self.extent, 6);
                page.lines(x, y + PAD, lines);
            }
            Drawn::Sequence(inside) => {
                let mut top = y;
                for (at, shape) in inside.iter().enumerate() {
                    if at > 0 {
                        page.arrow(x, top, top + GAP);
                        top += GAP;
                    }
                    shape.draw(page, x, top);
                    top += shape.extent.height;
                }
            }
            Drawn::Frame {
                class,
                lines,
                inside,
                forks,
            } => {
                page.rect(class, left, y, self.extent, 10);
                page.lines(x, y + PAD, lines);
                let below = y + PAD + height_of(lines);
                let gaps = u32::try_from(inside.len().saturating_sub(1)).unwrap_or_default();
                let row = inside.iter().map(|shape| shape.extent.width).sum::<u32>() + gaps * BESIDE;
                let mut branch = x.saturating_sub(row / 2);
                let top = below + if *forks { GAP } else { PAD };
                let bottom = y + height;
                for shape in inside {
                    let middle = branch + shape.extent.width / 2;
                    if *forks {
                        page.fork(x, below + PAD / 2, middle, top);
                        page.join(middle, top + shape.extent.height, x, bottom);
                    }
                    shape.draw(page, middle, top);
                    branch += shape.extent.width + BESIDE;
                }
            }
            Drawn::Choice {
                lines,
                yes,
                no,
                labels,
            } => {
                let diamond = height_of(lines) + 3 * PAD;
                page.diamond(x, y, diamond);
                page.lines(x, y + PAD + PAD / 2, lines);
                let below = y + diamond;
                let top = below + GAP;
                let bottom = y + height;
                if let Some(no) = no {
                    let row = yes.extent.width + BESIDE + no.extent.width;
                    let first = x.saturating_sub(row / 2) + yes.extent.width / 2;
                    let second = x.saturating_sub(row / 2) + yes.extent.width + BESIDE + no.extent.width / 2;
                    for (shape, middle, label) in [(yes, first, labels.0), (no, second, labels.1)] {
                        page.fork(x, below, middle, top);
                        page.text_line(middle + 6, top - SMALL.line - 2, SMALL, "s", label);
                        shape.draw(page, middle, top);
                        page.join(middle, top + shape.extent.height, x, bottom);
                    }
                } else {
                    page.arrow(x, below, top);
                    page.text_line(x + 6, below + 2, SMALL, "s", labels.0);
                    yes.draw(page, x, top);
                    page.join(x, top + yes.extent.height, x, bottom);
                    let aside = x + width / 2 - BYPASS / 2;
                    page.text_line(
                        x + STEP_WIDTH / 2 + 2,
                        y + diamond / 2 - SMALL.line - 2,
                        SMALL,
                        "s",
                        labels.1,
                    );
                    page.path(&format!(
                        "M{} {}H{aside}V{}H{x}",
                        x + STEP_WIDTH / 2,
                        y + diamond / 2,
                        bottom - PAD
                    ));
                }
            }
        }
    }
}

/// The room for a line past a choice.
const BYPASS: u32 = 24;

struct Page {
    text: String,
}

impl Page {
    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.text.write_fmt(element);
        self.text.push('\n');
    }

    fn rect(&mut self, class: &str, x: u32, y: u32, extent: Extent, radius: u32) {
        let Extent { width, height } = extent;
        self.push(format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>"
        ));
    }

    fn lines(&mut self, x: u32, y: u32, lines: &[Line]) {
        let mut y = y;
        for line in lines {
            self.text_line(x, y, line.font, line.class, &line.text);
            y += line.font.line;
        }
    }

    fn text_line(&mut self, x: u32, top: u32, font: Font, class: &str, text: &str) {
        let baseline = top + font.size;
        self.push(format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{baseline}\">{}</text>",
            escape(text)
        ));
    }

    fn path(&mut self, path: &str) {
        self.push(format_args!("<path class=\"line\" d=\"{path}\"/>"));
    }

    fn arrow(&mut self, x: u32, from: u32, to: u32) {
        self.path(&format!("M{x} {from}V{}", to.saturating_sub(6)));
        self.head(x, to);
    }

    fn head(&mut self, x: u32, to: u32) {
        let (left, right, top) = (x.saturating_sub(4), x + 4, to.saturating_sub(8));
        self.push(format_args!(
            "<path class=\"arrow\" d=\"M{left} {top}H{right}L{x} {to}Z\"/>"
        ));
    }

    /// A line from one point down to another, with an arrow at its end.
    fn fork(&mut self, x: u32, y: u32, to_x: u32, to_y: u32) {
        let bend = y + (to_y - y) / 3;
        self.path(&format!("M{x} {y}V{bend}H{to_x}V{}", to_y.saturating_sub(6)));
        self.head(to_x, to_y);
    }

    /// A line from the end of a branch down to where branches meet.
    fn join(&mut self, x: u32, y: u32, to_x: u32, to_y: u32) {
        let bend = to_y.saturating_sub(PAD);
        self.path(&format!("M{x} {y}V{bend}H{to_x}V{to_y}"));
    }

    fn diamond(&mut self, x: u32, y: u32, height: u32) {
        let (half, corner) = (STEP_WIDTH / 2, 2 * PAD);
        self.push(format_args!(
            "<path class=\"choice\" d=\"M{} {y}H{}L{} {}L{} {}H{}L{} {}Z\"/>",
            x - half + corner,
            x + half - corner,
            x + half,
            y + height / 2,
            x + half - corner,
            y + height,
            x - half + corner,
            x - half,
            y + height / 2,
        ));
    }

    fn pill(&mut self, x: u32, y: u32, text: &str) {
        let extent = Extent {
            width: 120,
            height: TITLE.line + PAD,
        };
        self.rect("end", x - extent.width / 2, y, extent, extent.height / 2);
        self.text_line(x, y + PAD / 2, TITLE, "t m inverse", text);
    }

    fn legend(&mut self, x: u32, y: u32, lang: Lang) {
        let mut left = x - legend_width(lang) / 2;
        for (class, names) in LEGEND {
            let extent = Extent {
                width: 22,
                height: 14,
            };
            self.rect(class, left, y, extent, 3);
            let text = lang.of(names.0, names.1);
            self.text_line(left + 28, y, SMALL, "s", text);
            left += 28 + SMALL.width(columns(text)) + BESIDE;
        }
    }
}

/// What the colours mean.
const LEGEND: [(&str, (&str, &str)); 6] = [
    ("step", ("步骤", "step")),
    ("decides", ("决定", "decision")),
    ("safety", ("安全事项", "guards safety")),
    ("group", ("并联审批", "side by side")),
    ("sub", ("其他事项的流程", "another procedure")),
    ("choice", ("按情形选择", "choice by facts")),
];

fn legend_width(lang: Lang) -> u32 {
    LEGEND
        .iter()
        .map(|(_, (zh, en))| 28 + SMALL.width(columns(lang.of(zh, en))) + BESIDE)
        .sum()
}
