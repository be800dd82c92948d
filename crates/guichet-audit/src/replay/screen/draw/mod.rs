//! The picture: what is on the screen, as a pure function of the player.

mod case;
mod lists;

use guichet_core::light::Light;
use guichet_core::procedure::Names;
use guichet_core::time::Timestamp;
use guichet_core::zone::Zone;
use guichet_terminal::context::{Context, Lang};
use guichet_terminal::explain::words as lawful;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use super::words::{KEYS, letter, say, speed};
use super::{Asks, SIZE_MIN, Screen};
use crate::replay::{Lights, Order};

/// From this width on, names get more room.
const WIDE: u16 = 110;

/// Draws the player.
pub fn draw(screen: &Screen<'_>, area: Rect, buffer: &mut Buffer) {
    Picture {
        screen,
        lang: screen.lang,
        zone: screen.replay.board().directory().zone(),
        buffer,
    }
    .all(area);
}

/// The same as lines of text, for those who do not sit at a terminal.
#[must_use]
pub fn page(screen: &Screen<'_>, columns: u16, rows: u16) -> String {
    let area = Rect::new(0, 0, columns, rows);
    let mut buffer = Buffer::empty(area);
    draw(screen, area, &mut buffer);
    text(&buffer)
}

/// A picture as lines of text.
#[must_use]
pub fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut text = String::new();
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in area.left()..area.right() {
            let Some(cell) = buffer.cell((x, y)) else { continue };
            if skip > 0 {
                // The second half of a wide character.
                skip -= 1;
                continue;
            }
            line.push_str(cell.symbol());
            skip = guichet_terminal::table::width(cell.symbol()).saturating_sub(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

struct Picture<'a, 't> {
    screen: &'a Screen<'t>,
    lang: Lang,
    zone: &'a Zone,
    buffer: &'a mut Buffer,
}

/// A part of a line, as people read it, and how it looks.
fn plain<'a>(text: impl Into<std::borrow::Cow<'a, str>>) -> Span<'a> {
    Span::raw(text)
}

fn dim<'a>(text: impl Into<std::borrow::Cow<'a, str>>) -> Span<'a> {
    Span::styled(text, Style::new().fg(Color::DarkGray))
}

fn bold<'a>(text: impl Into<std::borrow::Cow<'a, str>>) -> Span<'a> {
    Span::styled(text, Style::new().add_modifier(Modifier::BOLD))
}

/// The colour of a light; letters say the same.
const fn colour(light: Option<Light>) -> Style {
    let style = Style::new();
    match light {
        Some(Light::Green) => style.fg(Color::Green),
        Some(Light::Yellow) => style.fg(Color::Yellow),
        Some(Light::Red) => style.fg(Color::Red).add_modifier(Modifier::BOLD),
        // Black would not be seen on most terminals.
        Some(Light::Black) => style.add_modifier(Modifier::REVERSED),
        Some(Light::Grey) | None => style.fg(Color::DarkGray),
    }
}

/// The lights, the worst first.
const WORST_FIRST: [Option<Light>; 6] = [
    Some(Light::Black),
    Some(Light::Red),
    Some(Light::Yellow),
    Some(Light::Green),
    Some(Light::Grey),
    None,
];

impl Picture<'_, '_> {
    fn context(&self) -> Context {
        Context {
            lang: self.lang,
            ..Context::default()
        }
    }

    fn say<'s>(&self, zh: &'s str, en: &'s str) -> &'s str {
        say(self.lang, zh, en)
    }

    fn names<'n>(&self, names: &'n Names) -> &'n str {
        say(self.lang, &names.zh, &names.en)
    }

    fn line(&mut self, x: u16, y: u16, columns: u16, line: &Line<'_>) {
        if y < self.buffer.area.bottom() {
            self.buffer.set_line(x, y, line, columns);
        }
    }

    /// A text at the right end of a line.
    fn right(&mut self, right: u16, y: u16, line: &Line<'_>) {
        let width = u16::try_from(line.width()).unwrap_or(right).min(right);
        self.line(right - width, y, width, line);
    }

    fn all(&mut self, area: Rect) {
        if area.width < SIZE_MIN.0 || area.height < SIZE_MIN.1 {
            let (columns, rows) = SIZE_MIN;
            let text = match self.lang {
                Lang::Zh => format!("窗口太小：至少 {columns}×{rows}"),
                Lang::En => format!("too small: {columns}×{rows} at least"),
            };
            self.line(area.x, area.y, area.width, &Line::from(text));
            return;
        }
        self.head(area);
        self.totals(area.x, area.y + 1, area.width);
        self.timeline(area.x, area.y + 2, area.width);
        let body = area.y + 5;
        let below = area.height - 5 - 1;
        let tail = (below / 3).clamp(4, 14);
        let lists = below - tail;
        let left = if area.width >= WIDE {
            area.width * 45 / 100
        } else {
            area.width / 2
        };
        self.list(Rect::new(area.x, body, left, lists));
        self.case(Rect::new(area.x + left + 1, body, area.width - left - 1, lists));
        self.tail(Rect::new(area.x, body + lists, area.width, tail));
        self.foot(area.x, area.bottom() - 1, area.width);
        if self.screen.help {
            self.help(area);
        }
    }

    fn head(&mut self, area: Rect) {
        let screen = self.screen;
        let bar = Style::new().add_modifier(Modifier::REVERSED);
        self.buffer
            .set_style(Rect::new(area.x, area.y, area.width, 1), bar);
        let directory = screen.replay.board().directory();
        let centre = directory
            .centre
            .as_ref()
            .map(|centre| self.names(&centre.name).to_owned());
        let title = self.say("回放", "Replay");
        let order = match screen.view.order {
            Order::Recorded => "",
            Order::Occurred => self.say("（按发生先后）", " (as things happened)"),
        };
        let left = format!(" {title}{order} · {}", centre.unwrap_or_default());
        let state = if screen.playing { "▶" } else { "‖" };
        let moment = match screen.view.now {
            Some(now) => self.moment(now),
            None => self.say("开始之前", "before the start").to_owned(),
        };
        let right = format!(" {moment}  {state} {} ", speed(screen.speed(), self.lang));
        let width = u16::try_from(Line::from(right.as_str()).width())
            .unwrap_or(0)
            .min(area.width);
        self.buffer
            .set_stringn(area.x, area.y, left, usize::from(area.width - width), bar);
        self.buffer
            .set_stringn(area.right() - width, area.y, right, usize::from(width), bar);
    }

    /// Day, weekday and time by the centre's clock.
    fn moment(&self, at: Timestamp) -> String {
        let day = self.zone.date(at);
        let weekday = lawful::weekday(day.iso_weekday(), self.lang);
        format!("{day} {weekday} {}", self.clock(at, true))
    }

    fn clock(&self, at: Timestamp, seconds: bool) -> String {
        let seconds_of_day = self.zone.local(at).micros_of_day() / 1_000_000;
        let (hours, minutes) = (seconds_of_day / 3600, seconds_of_day / 60 % 60);
        if seconds {
            format!("{hours:02}:{minutes:02}:{:02}", seconds_of_day % 60)
        } else {
            format!("{hours:02}:{minutes:02}")
        }
    }

    fn totals(&mut self, x: u16, y: u16, columns: u16) {
        let totals = self.screen.view.totals;
        let late = if columns >= WIDE {
            format!(
                "{} ({} {})",
                totals.done,
                self.say("超时", "late"),
                totals.done_late
            )
        } else {
            totals.done.to_string()
        };
        let mut spans = vec![plain(" ")];
        for (zh, en, count) in [
            ("收件", "received", totals.received.to_string()),
            ("受理", "accepted", totals.accepted.to_string()),
            ("在办", "in hand", totals.in_hand.to_string()),
            ("等待", "waiting", totals.waiting.to_string()),
            ("办结", "done", late),
        ] {
            spans.push(dim(format!("{} ", self.say(zh, en))));
            spans.push(bold(count));
            spans.push(plain("  "));
        }
        spans.push(dim(format!("{} ", self.say("超时", "overdue"))));
        let style = if totals.overdue > 0 {
            colour(Some(Light::Red))
        } else {
            Style::new()
        };
        spans.push(Span::styled(totals.overdue.to_string(), style));
        if columns >= WIDE {
            spans.push(plain("   "));
            spans.extend(self.lights(self.screen.view.lights));
        }
        self.line(x, y, columns, &Line::from(spans));
    }

    /// How many cases show each light, each a letter and a number: `R2 Y1 G5`.
    fn lights(&self, lights: Lights) -> Vec<Span<'static>> {
        let mut spans = Vec::new();
        for light in WORST_FIRST {
            let count = lights.of(light);
            if count > 0 {
                if !spans.is_empty() {
                    spans.push(plain(" "));
                }
                spans.push(Span::styled(
                    format!("{}{count}", letter(light, self.lang)),
                    colour(light),
                ));
            }
        }
        spans
    }

    /// The bar over the whole log, with the findings and the cursor on it; below, where it begins and ends.
    fn timeline(&mut self, x: u16, y: u16, columns: u16) {
        let replay = &self.screen.replay;
        let inner = columns - 2;
        let span = replay.index().span();
        let place = |at: Timestamp| -> u16 {
            let Some((first, last)) = span else { return 0 };
            let whole = i128::from(last.as_micros()) - i128::from(first.as_micros());
            let part = i128::from(at.as_micros()) - i128::from(first.as_micros());
            let column = part.clamp(0, whole.max(1)) * i128::from(inner - 1) / whole.max(1);
            u16::try_from(column).unwrap_or(inner - 1)
        };
        let cursor = self.screen.view.now.map_or(0, place);
        let mut cells: Vec<(&str, Style)> = (0..inner)
            .map(|column| {
                if column <= cursor {
                    ("━", Style::new().fg(Color::Cyan))
                } else {
                    ("─", Style::new().fg(Color::DarkGray))
                }
            })
            .collect();
        for mark in replay.marks().keys() {
            let at = replay.index().time(*mark).map_or(0, place);
            if let Some(cell) = cells.get_mut(usize::from(at)) {
                *cell = ("!", colour(Some(Light::Red)));
            }
        }
        if let Some(cell) = cells.get_mut(usize::from(cursor)) {
            let marked = cell.0 == "!";
            *cell = (
                if marked { "‼" } else { "┃" },
                Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
            );
        }
        let line: Vec<Span<'_>> = cells
            .into_iter()
            .map(|(text, style)| Span::styled(text, style))
            .collect();
        self.line(x + 1, y, inner, &Line::from(line));
        let day = |at: Timestamp| self.zone.date(at).to_string();
        let (first, last) = span.map_or((String::new(), String::new()), |(first, last)| {
            (day(first), day(last))
        });
        let findings = replay.marks().len();
        let (at, end) = (replay.at(), replay.end());
        let middle = match self.lang {
            Lang::Zh if findings > 0 => format!("第 {at} 条，共 {end} 条 · ! 发现 {findings}"),
            Lang::Zh => format!("第 {at} 条，共 {end} 条"),
            Lang::En if findings == 1 => format!("record {at} of {end} · ! 1 finding"),
            Lang::En if findings > 0 => format!("record {at} of {end} · ! {findings} findings"),
            Lang::En => format!("record {at} of {end}"),
        };
        let middle = Line::from(plain(middle));
        let width = u16::try_from(middle.width()).unwrap_or(0).min(inner);
        self.line(x + 1, y + 1, inner, &Line::from(dim(first)));
        self.line(x + 1 + (inner - width) / 2, y + 1, width, &middle);
        self.right(x + 1 + inner, y + 1, &Line::from(dim(last)));
    }

    /// A heading with a line behind it.
    fn heading(&mut self, area: Rect, text: &str, right: &str) {
        let rule = "─".repeat(usize::from(area.width));
        self.line(area.x, area.y, area.width, &Line::from(dim(rule)));
        self.line(
            area.x + 1,
            area.y,
            area.width.saturating_sub(2),
            &Line::from(bold(format!(" {text} "))),
        );
        if !right.is_empty() {
            self.right(
                area.right().saturating_sub(1),
                area.y,
                &Line::from(dim(format!(" {right} "))),
            );
        }
    }

    fn foot(&mut self, x: u16, y: u16, columns: u16) {
        let line = if let Some(prompt) = &self.screen.prompt {
            let asks = match prompt.asks {
                Asks::Place => self.say("到（时间或位置）", "go to (time or place)"),
                Asks::Case => self.say("办件", "case"),
                Asks::Department => self.say("部门", "department"),
                Asks::Window => self.say("窗口", "window"),
                Asks::Search => self.say("查找", "search"),
            };
            let names = matches!(prompt.asks, Asks::Case | Asks::Department | Asks::Window);
            let hint = if names && prompt.text.is_empty() {
                self.say("  （回车：光标处的）", "  (enter: the one under the cursor)")
            } else {
                ""
            };
            Line::from(vec![
                bold(format!(" {asks}: ")),
                plain(prompt.text.clone()),
                plain("▏"),
                dim(hint),
            ])
        } else if let Some(said) = &self.screen.said {
            Line::from(bold(format!(" {said}")))
        } else {
            Line::from(dim(self.say(
                " 空格 播放  ←→ 条  [] 天  -+ 速度  g 时间  c 办件  f 发现  / 查找  ? 帮助",
                " space play  ←→ step  [] day  -+ speed  g go to  c case  f finding  ? all keys",
            )))
        };
        self.line(x, y, columns, &line);
    }

    fn help(&mut self, area: Rect) {
        let rows = u16::try_from(KEYS.len()).unwrap_or(u16::MAX) + 2;
        let columns = 76.min(area.width);
        let rows = rows.min(area.height);
        let x = area.x + (area.width - columns) / 2;
        let y = area.y + (area.height - rows) / 2;
        let inside = Rect::new(x, y, columns, rows);
        let blank = " ".repeat(usize::from(columns));
        for y in inside.top()..inside.bottom() {
            self.buffer
                .set_stringn(x, y, &blank, usize::from(columns), Style::reset());
        }
        self.heading(
            inside,
            self.say("按键", "Keys"),
            self.say("任意键返回", "any key goes back"),
        );
        for (y, (key, zh, en)) in (y + 1..inside.bottom() - 1).zip(KEYS) {
            self.line(x + 1, y, 14, &Line::from(bold(*key)));
            self.line(x + 15, y, columns - 16, &Line::from(plain(self.say(zh, en))));
        }
        let rule = "─".repeat(usize::from(columns));
        self.line(x, inside.bottom() - 1, columns, &Line::from(dim(rule)));
    }
}
