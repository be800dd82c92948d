//! The right side of the picture: the record under the cursor, its case with its clocks, and the end of the log.

use guichet_core::case::event::ClockKind;
use guichet_core::id::{CaseId, DepartmentId, Position, ProcedureId, WindowId};
use guichet_core::light::Light;
use guichet_core::time::Timestamp;
use guichet_terminal::context::Lang;
use guichet_terminal::explain::words as lawful;
use guichet_terminal::table::{hanging, width};
use guichet_terminal::words::{self as named, event_name};
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::{Picture, bold, colour, dim, plain};
use crate::replay::Order;
use crate::replay::screen::fields;
use crate::replay::screen::words::{field, letter, say};

impl Picture<'_, '_> {
    /// The record under the cursor in plain words, and its case with its clocks.
    pub(super) fn case(&mut self, area: Rect) {
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
            let found = hanging(&format!("! {found}"), 2, Some(area.width.saturating_sub(2)));
            let style = colour(Some(Light::Red));
            lines.extend(
                found
                    .lines()
                    .map(|line| Line::from(Span::styled(line.to_owned(), style))),
            );
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
        let room = usize::from(area.width.saturating_sub(2));
        let mut folded = folded(&said, room);
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

    pub(super) fn case_lines<'l>(&self, case: &CaseId) -> Vec<Line<'l>> {
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

    pub(super) fn tail(&mut self, area: Rect) {
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

    /// What a field holds, by the name that people know.
    pub(super) fn value(&self, field: &str, value: &str) -> String {
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

    pub(super) fn window(&self, window: &WindowId) -> String {
        let known = self.screen.replay.board().directory().windows.get(window);
        known.map_or_else(|| window.to_string(), |known| self.names(&known.name).to_owned())
    }

    pub(super) fn department(&self, department: &DepartmentId) -> String {
        let known = self.screen.replay.board().directory().departments.get(department);
        known.map_or_else(
            || department.to_string(),
            |known| self.names(&known.name).to_owned(),
        )
    }

    pub(super) fn procedure(&self, procedure: &ProcedureId) -> String {
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
fn folded(texts: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for text in texts {
        match lines.last_mut() {
            Some(line) if width(line) + 3 + width(text) <= room => {
                line.push_str(" · ");
                line.push_str(text);
            }
            _ => lines.push(text.clone()),
        }
    }
    lines
}
