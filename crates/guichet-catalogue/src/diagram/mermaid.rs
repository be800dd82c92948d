//! A flow as Mermaid text.

use std::fmt::Write as _;

use guichet_core::flow::{Block, Step};
use guichet_core::lang::Lang;
use guichet_core::procedure::Procedure;
use guichet_core::reference::Catalogue;

use super::Captions;
use crate::words::Words;

/// The flow of a procedure as a Mermaid flowchart; a procedure without one gives a chart of its beginning and end.
///
/// ```
/// # use guichet_catalogue::{Lang, diagram};
/// let demo = guichet_catalogue::embedded("harbin-2010")?;
/// let catalogue = &demo.catalogue;
/// let card = catalogue.procedures.iter().find(|procedure| procedure.id == "senior-card").ok_or("not there")?;
/// assert!(diagram::mermaid(card, catalogue, Lang::En).starts_with("flowchart TD\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn mermaid(procedure: &Procedure, catalogue: &Catalogue, lang: Lang) -> String {
    let mut chart = Chart {
        captions: Captions {
            catalogue,
            procedure,
            lang,
        },
        text: "flowchart TD\n".to_owned(),
        edges: Vec::new(),
        nodes: 0,
        indent: 1,
    };
    let start = chart.node("([", lang.of("申请", "Application"), "])");
    let mut ends = vec![(start, None)];
    if let Some(flow) = &procedure.flow {
        ends = chart.block(flow, ends);
    }
    let end = chart.node("([", lang.of("结束", "End"), "])");
    chart.edges(&ends, &end);
    for edge in std::mem::take(&mut chart.edges) {
        chart.line(&edge);
    }
    chart.line("classDef decides fill:#e3f4e6,stroke:#2c7a3f");
    chart.line("classDef safety fill:#fdeee0,stroke:#b3541e");
    chart.text
}

/// A node from which the chart goes on, and what the edge says.
type End = (String, Option<&'static str>);

struct Chart<'a> {
    captions: Captions<'a>,
    text: String,
    edges: Vec<String>,
    nodes: usize,
    indent: usize,
}

impl<'a> Chart<'a> {
    fn line(&mut self, line: &str) {
        let indent = "  ".repeat(self.indent);
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{indent}{line}");
    }

    fn next(&mut self) -> String {
        self.nodes += 1;
        format!("n{}", self.nodes)
    }

    fn node(&mut self, open: &str, label: &str, close: &str) -> String {
        let id = self.next();
        self.line(&format!("{id}{open}\"{}\"{close}", quoted(label)));
        id
    }

    /// Edges come last: a node belongs to every frame in which it is named.
    fn edges(&mut self, from: &[End], to: &str) {
        for (node, label) in from {
            self.edges.push(match label {
                Some(label) => format!("{node} -->|{label}| {to}"),
                None => format!("{node} --> {to}"),
            });
        }
    }

    /// Draws a block after `from`; the answer is where the chart goes on.
    fn block(&mut self, block: &'a Block, from: Vec<End>) -> Vec<End> {
        let captions = self.captions;
        let lang = captions.lang;
        match block {
            Block::Step(step) => {
                let node = self.step(step);
                self.edges(&from, &node);
                vec![(node, None)]
            }
            Block::Sequence(blocks) => blocks.iter().fold(from, |from, block| self.block(block, from)),
            Block::Parallel(group) => {
                let mut lines = vec![captions.group_title(group).to_owned()];
                lines.extend(captions.group_details(group));
                self.frame(&lines);
                let fork = self.node("[/", lang.of("分送", "to all"), "\\]");
                self.edges(&from, &fork);
                let mut arrived = Vec::new();
                for branch in &group.branches {
                    arrived.extend(self.block(branch, vec![(fork.clone(), None)]));
                }
                let join = self.node("[\\", &lang.join(group.join, group.branches.len()), "/]");
                self.edges(&arrived, &join);
                self.close();
                vec![(join, None)]
            }
            Block::Choice(choice) => {
                let node = self.node("{", &Captions::question(choice), "}");
                self.edges(&from, &node);
                let yes = lang.yes_no(true);
                let no = lang.yes_no(false);
                let mut ends = self.block(&choice.then, vec![(node.clone(), Some(yes))]);
                match &choice.otherwise {
                    Some(otherwise) => ends.extend(self.block(otherwise, vec![(node, Some(no))])),
                    None => ends.push((node, Some(no))),
                }
                ends
            }
            Block::Optional(optional) => {
                self.frame(&[lang.of("可跳过", "may be skipped").to_owned()]);
                let mut ends = self.block(&optional.block, from.clone());
                self.close();
                let skipped = lang.of("跳过", "skipped");
                ends.extend(
                    from.into_iter()
                        .map(|(node, label)| (node, label.or(Some(skipped)))),
                );
                ends
            }
            Block::Procedure(sub) => {
                self.frame(&[captions.sub_title(sub)]);
                let ends = match &sub.flow {
                    Some(flow) => self.block(flow, from),
                    None => from,
                };
                self.close();
                ends
            }
        }
    }

    fn step(&mut self, step: &'a Step) -> String {
        let captions = self.captions;
        let lines = [
            captions.step_title(step).to_owned(),
            captions.department(step).to_owned(),
            captions.step_details(step).join(" · "),
        ];
        let node = self.node("[", &lines.join("\n"), "]");
        if step.decides {
            self.line(&format!("class {node} decides"));
        } else if step.safety {
            self.line(&format!("class {node} safety"));
        }
        node
    }

    fn frame(&mut self, lines: &[String]) {
        let id = self.next();
        self.line(&format!("subgraph {id}[\"{}\"]", quoted(&lines.join("\n"))));
        self.indent += 1;
    }

    fn close(&mut self) {
        self.indent -= 1;
        self.line("end");
    }
}

/// A text between quotes, where Mermaid knows entities only.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => quoted.push_str("<br>"),
            '"' => quoted.push_str("#quot;"),
            '#' => quoted.push_str("#35;"),
            '&' => quoted.push_str("#amp;"),
            '<' => quoted.push_str("#lt;"),
            '>' => quoted.push_str("#gt;"),
            '`' => quoted.push_str("#96;"),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted
}
