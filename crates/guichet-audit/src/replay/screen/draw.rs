//! The picture: what is on the screen, as a pure function of the player.

use guichet_core::case::event::ClockKind;
use guichet_core::id::{CaseId, DepartmentId, Position, ProcedureId, WindowId};
use guichet_core::light::Light;
use guichet_core::procedure::Names;
use guichet_core::time::Timestamp;
use guichet_core::zone::Zone;
use guichet_terminal::context::{Context, Lang};
use guichet_terminal::explain::words as lawful;
use guichet_terminal::words::{self as named, event_name};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use super::words::{KEYS, field, letter, pane, say, speed};
use super::{Asks, Pane, SIZE_MIN, Screen, fields};
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

    fn list(&mut self, area: Rect) {
        let screen = self.screen;
        let windows = screen.view.windows.iter().map(|row| (row.lights, row.coming));
        let departments = screen.view.departments.iter().map(|row| (row.lights, 0));
        // As wide as the widest row needs: names have the rest.
        let columns = match screen.pane {
            Pane::Windows => windows.map(|(lights, coming)| self.columns(lights, coming)).max(),
            Pane::Departments => departments
                .map(|(lights, coming)| self.columns(lights, coming))
                .max(),
            Pane::Cases => None,
        };
        let columns = columns.unwrap_or_default();
        let rows = usize::from(area.height.saturating_sub(1));
        match screen.pane {
            Pane::Windows => {
                let here = screen.replay.event().and_then(|recorded| {
                    let window = recorded.actor.window.clone();
                    window.or_else(|| {
                        let case = recorded.stream.case()?;
                        screen.replay.board().case(case.as_str())?.window().cloned()
                    })
                });
                let at = screen
                    .view
                    .windows
                    .iter()
                    .position(|row| here.is_some() && row.window == here);
                let from = self.from(rows, at, screen.view.windows.len());
                self.above(area, from, rows, screen.view.windows.len());
                for (y, row) in (area.y + 1..).zip(screen.view.windows.iter().skip(from).take(rows)) {
                    let name = match &row.window {
                        Some(window) => self.window(window),
                        None => self.say("（无窗口）", "(no window)").to_owned(),
                    };
                    let is_here = row.window.is_some() && row.window == here;
                    let area = self.queue(area, y, &row.queue);
                    self.row(area, y, is_here, &name, columns, row.open, row.coming, row.lights);
                }
            }
            Pane::Departments => {
                let here = self.case_row(|row| row.departments().next().cloned());
                let at = screen
                    .view
                    .departments
                    .iter()
                    .position(|row| Some(&row.department) == here.as_ref());
                let from = self.from(rows, at, screen.view.departments.len());
                self.above(area, from, rows, screen.view.departments.len());
                for (y, row) in (area.y + 1..).zip(screen.view.departments.iter().skip(from).take(rows)) {
                    let name = self.department(&row.department);
                    let is_here = Some(&row.department) == here.as_ref();
                    self.row(area, y, is_here, &name, columns, row.open, 0, row.lights);
                }
            }
            Pane::Cases => {
                let here = screen.case();
                let at = screen
                    .view
                    .cases
                    .iter()
                    .position(|row| Some(&row.case) == here.as_ref());
                let from = self.from(rows, at, screen.view.cases.len());
                self.above(area, from, rows, screen.view.cases.len());
                for (y, row) in (area.y + 1..).zip(screen.view.cases.iter().skip(from).take(rows)) {
                    let is_here = Some(&row.case) == here.as_ref();
                    let due = row.due_on.map_or_else(String::new, |due| format!(" {due}"));
                    let right = Line::from(vec![
                        dim(due),
                        plain(" "),
                        Span::styled(letter(row.light, self.lang), colour(row.light)),
                    ]);
                    self.named(area, y, is_here, row.case.as_str(), &right);
                }
            }
        }
    }

    fn case_row<T>(&self, of: impl Fn(&crate::replay::Row) -> Option<T>) -> Option<T> {
        let case = self.screen.case()?;
        of(self.screen.replay.board().case(case.as_str())?)
    }

    /// The first row that is shown: as scrolled, but with the one under the cursor in sight where nobody scrolled.
    fn from(&self, rows: usize, at: Option<usize>, all: usize) -> usize {
        let last = all.saturating_sub(rows);
        if self.screen.scroll > 0 {
            return self.screen.scroll.min(last);
        }
        at.filter(|at| *at >= rows)
            .map_or(0, |at| (at + 1 - rows).min(last))
    }

    /// The heading of a list: what it is, and how much of it is out of sight.
    fn above(&mut self, area: Rect, from: usize, rows: usize, all: usize) {
        let name = pane(self.screen.pane, self.lang);
        let shown = if all > rows {
            format!("{}–{} / {all}", from + 1, (from + rows).min(all))
        } else {
            all.to_string()
        };
        self.heading(area, name, &shown);
    }

    #[expect(clippy::too_many_arguments, reason = "the cells of one row, in their order")]
    fn row(
        &mut self,
        area: Rect,
        y: u16,
        is_here: bool,
        name: &str,
        columns: usize,
        open: u64,
        coming: u64,
        lights: Lights,
    ) {
        let mut right = self.lights(lights);
        if coming > 0 {
            right.push(dim(format!(" +{coming}")));
        }
        let style = if open > 0 {
            Style::new()
        } else {
            Style::new().fg(Color::DarkGray)
        };
        right.insert(0, Span::styled(format!("{open:>4}  "), style));
        // Counts stand below one another, whatever stands behind them.
        let line = Line::from(right);
        let blank = columns.saturating_sub(line.width());
        let mut spans = line.spans;
        spans.push(plain(" ".repeat(blank)));
        self.named(area, y, is_here, name, &Line::from(spans));
    }

    /// The cases at a window, the most urgent first, where there is room for them; gives back what is left of the row.
    fn queue(&mut self, area: Rect, y: u16, queue: &[CaseId]) -> Rect {
        const ROW: u16 = 58;
        if area.width < ROW + 20 {
            return area;
        }
        let cases: Vec<&str> = queue.iter().take(8).map(CaseId::as_str).collect();
        let room = area.width - ROW - 2;
        self.line(area.x + ROW, y, room, &Line::from(dim(cases.join(" "))));
        Rect { width: ROW, ..area }
    }

    /// How wide the count and the lights of a row are.
    fn columns(&self, lights: Lights, coming: u64) -> usize {
        let coming = if coming > 0 { 3 } else { 0 };
        6 + Line::from(self.lights(lights)).width() + coming
    }

    /// A name on the left, marked where the cursor is, and something on the right.
    fn named(&mut self, area: Rect, y: u16, is_here: bool, name: &str, right: &Line<'_>) {
        let room = area.width.saturating_sub(2);
        let width = u16::try_from(right.width()).unwrap_or(room).min(room * 2 / 3);
        let mark = if is_here { "›" } else { " " };
        let style = if is_here {
            Style::new().add_modifier(Modifier::BOLD)
        } else {
            Style::new()
        };
        let name = Line::from(Span::styled(format!("{mark}{name}"), style));
        self.line(area.x, y, room - width + 1, &name);
        self.line(area.x + 1 + room - width, y, width, right);
    }

    /// The record under the cursor in plain words, and its case with its clocks.
    fn case(&mut self, area: Rect) {
        let screen = self.screen;
        let Some(recorded) = screen.replay.event() else {
            self.heading(area, self.say("光标处", "Under the cursor"), "");
            let text = self.say(
                "按空格播放，→ 前进一条，? 帮助",
                "space plays, → goes on, ? helps",
            );
            self.line(area.x + 1, area.y + 1, area.width, &Line::from(plain(text)));
            return;
        };
        let mut lines: Vec<Line<'_>> = Vec::new();
        if let Some(found) = screen.replay.marked() {
            lines.push(Line::from(Span::styled(
                format!("! {found}"),
                colour(Some(Light::Red)),
            )));
        }
        let event = event_name(recorded.event.kind(), self.lang);
        let mut first = vec![bold(event)];
        if late(recorded.recorded_at, recorded.occurred_at) && screen.view.order == Order::Recorded {
            let on = self.zone.date(recorded.occurred_at);
            first.push(dim(match self.lang {
                Lang::Zh => format!("  补录，实为 {on}"),
                Lang::En => format!("  entered late, of {on}"),
            }));
        }
        lines.push(Line::from(first));
        let role = named::role(recorded.actor.role, self.context());
        let mut who = role.to_owned();
        if recorded.actor.person.as_str() != recorded.actor.role.as_str() {
            who.push(' ');
            who.push_str(recorded.actor.person.as_str());
        }
        if let Some(window) = &recorded.actor.window {
            who.push_str(" · ");
            who.push_str(&self.window(window));
        }
        lines.push(Line::from(plain(who)));
        let said: Vec<String> = fields(recorded)
            .into_iter()
            .map(|(name, value)| {
                let colon = self.say("：", ": ");
                format!("{}{colon}{}", field(&name, self.lang), self.value(&name, &value))
            })
            .collect();
        let width = usize::from(area.width.saturating_sub(2));
        let mut folded = folded(&said, width);
        let case = recorded.stream.case();
        let of_case = case
            .as_ref()
            .map(|case| self.case_lines(case))
            .unwrap_or_default();
        // The case is worth more room than every field of the record.
        let room = usize::from(area.height.saturating_sub(1)).saturating_sub(lines.len() + of_case.len());
        folded.truncate(room.max(1));
        lines.extend(folded.into_iter().map(|text| Line::from(dim(text))));
        lines.extend(of_case);
        self.heading(area, self.say("光标处", "Under the cursor"), "");
        for (y, line) in (area.y + 1..area.bottom()).zip(&lines) {
            self.line(area.x + 1, y, area.width.saturating_sub(1), line);
        }
    }

    fn case_lines<'l>(&self, case: &CaseId) -> Vec<Line<'l>> {
        let board = self.screen.replay.board();
        let directory = board.directory();
        let Some(row) = board.case(case.as_str()) else {
            return Vec::new();
        };
        let day = self.screen.view.day;
        let light = day.and_then(|day| row.light(directory, day));
        let mut first = vec![bold(case.to_string()), plain("  ")];
        first.push(plain(
            named::stage(row.stage().as_str(), self.context()).to_owned(),
        ));
        if let Some(light) = &light {
            first.push(plain("  "));
            first.push(Span::styled(
                lawful::colour(light.light, self.lang),
                colour(Some(light.light)),
            ));
        }
        let mut place = self.procedure(row.procedure());
        let at = row.window().map(|window| self.window(window));
        let at = at.unwrap_or_else(|| self.department(row.department()));
        place.push_str(" · ");
        place.push_str(&at);
        if let Some(to) = row.to() {
            place.push_str(" → ");
            place.push_str(&self.window(to));
        }
        let mut lines = vec![Line::from(first), Line::from(plain(place))];
        for step in row.steps() {
            let holder = step.holder.as_ref().map_or_else(
                || self.say("无人领办", "nobody has it").to_owned(),
                ToString::to_string,
            );
            lines.push(Line::from(vec![
                dim(format!("{} ", self.say("环节", "step"))),
                plain(format!(
                    "{} · {} · {holder}",
                    step.id,
                    self.department(&step.department)
                )),
            ]));
        }
        for (clock, light, due_on) in day.map(|day| row.clocks(directory, day)).unwrap_or_default() {
            let of = clock.of.as_ref().map(|of| format!(" {of}")).unwrap_or_default();
            let mut spans = vec![
                Span::styled(letter(light, self.lang), colour(light)),
                plain(format!(" {}{of} ", clock_name(clock.kind, self.lang))),
            ];
            spans.push(dim(format!("{} {due_on}", self.say("至", "until"))));
            lines.push(Line::from(spans));
        }
        lines
    }

    fn tail(&mut self, area: Rect) {
        self.heading(area, self.say("日志", "Log"), "");
        let rows = usize::from(area.height.saturating_sub(1));
        let screen = self.screen;
        let mut happened: Vec<_> = screen.replay.board().happened().rev().take(rows).collect();
        happened.reverse();
        let last = screen.replay.at().0.checked_sub(1).map(Position);
        let first = screen.replay.at().0.saturating_sub(happened.len() as u64);
        for ((y, place), happened) in (area.y + 1..).zip(first..).zip(happened) {
            let is_here = Some(Position(place)) == last;
            let marked = screen.replay.marks().contains_key(&Position(place));
            let day = self.zone.date(happened.at).to_string();
            let day = day.get(5..).unwrap_or_default();
            let name = event_name(happened.kind, self.lang);
            let of = happened.stream.case_name().unwrap_or(happened.stream.as_str());
            let style = if is_here {
                Style::new().add_modifier(Modifier::BOLD)
            } else {
                Style::new()
            };
            let line = Line::from(vec![
                Span::styled(if is_here { "›" } else { " " }, style),
                Span::styled(if marked { "!" } else { " " }, colour(Some(Light::Red))),
                dim(format!("{:>7} ", happened.position)),
                dim(format!("{day} {} ", self.clock(happened.at, false))),
                Span::styled(of.to_owned(), style),
                plain("  "),
                Span::styled(name, style),
            ]);
            self.line(area.x, y, area.width, &line);
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

    /// What a field holds, by the name that people know.
    fn value(&self, field: &str, value: &str) -> String {
        let directory = self.screen.replay.board().directory();
        let named = match field {
            "department" => directory
                .departments
                .get(value)
                .map(|known| self.names(&known.name)),
            "window" | "from" | "to" => directory.windows.get(value).map(|known| self.names(&known.name)),
            "procedure" => {
                let versions = directory.procedures.get(value);
                let newest = versions.and_then(|versions| versions.last_key_value());
                newest.map(|(_, known)| self.names(&known.name))
            }
            "light" => value.parse().ok().map(|light| lawful::colour(light, self.lang)),
            "clock" => value.parse().ok().map(|clock| clock_name(clock, self.lang)),
            "role" => value.parse().ok().map(|role| named::role(role, self.context())),
            _ => None,
        };
        named.unwrap_or(value).to_owned()
    }

    fn window(&self, window: &WindowId) -> String {
        let known = self.screen.replay.board().directory().windows.get(window);
        known.map_or_else(|| window.to_string(), |known| self.names(&known.name).to_owned())
    }

    fn department(&self, department: &DepartmentId) -> String {
        let known = self.screen.replay.board().directory().departments.get(department);
        known.map_or_else(
            || department.to_string(),
            |known| self.names(&known.name).to_owned(),
        )
    }

    fn procedure(&self, procedure: &ProcedureId) -> String {
        let known = self.screen.replay.board().directory().newest(procedure);
        known.map_or_else(
            || procedure.to_string(),
            |known| self.names(&known.name).to_owned(),
        )
    }
}

/// Whether a record was written down more than a day after it was so.
fn late(recorded_at: Timestamp, occurred_at: Timestamp) -> bool {
    recorded_at.as_micros().saturating_sub(occurred_at.as_micros()) > 86_400_000_000
}

/// The name of a clock, short: a screen has little room.
const fn clock_name(kind: ClockKind, lang: Lang) -> &'static str {
    match kind {
        ClockKind::Intake => say(lang, "受理", "intake"),
        ClockKind::Statutory => say(lang, "法定", "statutory"),
        ClockKind::Promised => say(lang, "承诺", "promised"),
        ClockKind::Step => say(lang, "环节", "step"),
        ClockKind::Group => say(lang, "并联", "group"),
        ClockKind::Delivery => say(lang, "送达", "delivery"),
        ClockKind::Correction => say(lang, "补正", "correction"),
        ClockKind::Special => say(lang, "特别程序", "special procedure"),
        ClockKind::Rectification => say(lang, "整改", "rectification"),
        ClockKind::Complaint => say(lang, "投诉", "complaint"),
    }
}

/// Texts one after another in lines of a width.
fn folded(texts: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for text in texts {
        match lines.last_mut() {
            Some(line)
                if guichet_terminal::table::width(line) + 3 + guichet_terminal::table::width(text)
                    <= width =>
            {
                line.push_str(" · ");
                line.push_str(text);
            }
            _ => lines.push(text.clone()),
        }
    }
    lines
}
