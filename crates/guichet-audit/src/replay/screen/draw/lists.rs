//! The left side of the picture: windows with their queues, departments, or the cases that are not over.

use guichet_core::id::CaseId;
use guichet_terminal::table::width;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use super::{Picture, colour, dim, plain};
use crate::replay::screen::Pane;
use crate::replay::screen::words::{letter, pane};
use crate::replay::{Lights, Row};

impl Picture<'_, '_> {
    pub(super) fn list(&mut self, area: Rect) {
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

    pub(super) fn case_row<T>(&self, of: impl Fn(&Row) -> Option<T>) -> Option<T> {
        let case = self.screen.case()?;
        of(self.screen.replay.board().case(case.as_str())?)
    }

    /// The first row that is shown: as scrolled, but with the one under the cursor in sight where nobody scrolled.
    pub(super) fn from(&self, rows: usize, at: Option<usize>, all: usize) -> usize {
        let last = all.saturating_sub(rows);
        if self.screen.scroll > 0 {
            return self.screen.scroll.min(last);
        }
        at.filter(|at| *at >= rows)
            .map_or(0, |at| (at + 1 - rows).min(last))
    }

    /// The heading of a list: what it is, and how much of it is out of sight.
    pub(super) fn above(&mut self, area: Rect, from: usize, rows: usize, all: usize) {
        let name = pane(self.screen.pane, self.lang);
        let shown = if all > rows {
            format!("{}–{} / {all}", from + 1, (from + rows).min(all))
        } else {
            all.to_string()
        };
        self.heading(area, name, &shown);
    }

    #[expect(clippy::too_many_arguments, reason = "the cells of one row, in their order")]
    pub(super) fn row(
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
    pub(super) fn queue(&mut self, area: Rect, y: u16, queue: &[CaseId]) -> Rect {
        const ROW: u16 = 52;
        if area.width < ROW + 20 {
            return area;
        }
        let room = area.width - ROW - 2;
        let mut cases = String::new();
        for case in queue {
            // A number that is cut off would be another one.
            if width(&cases) + 1 + width(case.as_str()) > usize::from(room) {
                break;
            }
            cases.push_str(case.as_str());
            cases.push(' ');
        }
        self.line(area.x + ROW, y, room, &Line::from(dim(cases)));
        Rect { width: ROW, ..area }
    }

    /// How wide the count and the lights of a row are.
    pub(super) fn columns(&self, lights: Lights, coming: u64) -> usize {
        let coming = if coming > 0 { 3 } else { 0 };
        6 + Line::from(self.lights(lights)).width() + coming
    }

    /// A name on the left, marked where the cursor is, and something on the right.
    pub(super) fn named(&mut self, area: Rect, y: u16, is_here: bool, name: &str, right: &Line<'_>) {
        let room = area.width.saturating_sub(2);
        let columns = u16::try_from(right.width()).unwrap_or(room).min(room * 2 / 3);
        let mark = if is_here { "›" } else { " " };
        let style = if is_here {
            Style::new().add_modifier(Modifier::BOLD)
        } else {
            Style::new()
        };
        let name = Line::from(Span::styled(format!("{mark}{name}"), style));
        self.line(area.x, y, room - columns + 1, &name);
        self.line(area.x + 1 + room - columns, y, columns, right);
    }
}
