//! The public service guide (办事指南) of a procedure: what an applicant brings, pays and may expect.
//!
//! One content, two forms: a page that stands alone and prints well, and Markdown for sites that have their own pages.

use std::fmt::Write as _;

use guichet_core::flow::{Block, Step};
use guichet_core::lang::Lang;
use guichet_core::procedure::{Procedure, SourcedTerm};
use guichet_core::reference::{Window, WindowForm};

use crate::diagram;
use crate::load::Loaded;
use crate::words::{Words, escape};

const STYLE: &str = "body{font-family:'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei','Helvetica Neue',Arial,'Noto Sans',sans-serif;\
color:#1d2733;background:#fff;line-height:1.55;max-width:52rem;margin:2rem auto;padding:0 1.25rem}\
h1{font-size:1.7rem;line-height:1.25;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem;padding-bottom:.25rem;border-bottom:2px solid #3a6ea5}\
.other{color:#4a5866;margin:.2rem 0 1rem}.notice{background:#fdf3d8;border:1px solid #8a7420;border-radius:6px;padding:.5rem .8rem}\
table{border-collapse:collapse;width:100%;font-size:.95rem}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #cfd6dd}\
th{background:#edf4fb;font-weight:600}td.n,th.n{text-align:right;white-space:nowrap}li{margin:.2rem 0}code{font-size:.9em}\
.chart{overflow-x:auto}.chart svg{max-width:100%;height:auto}\
@media print{body{margin:0;max-width:none;font-size:10.5pt}h2{break-after:avoid}tr,.notice{break-inside:avoid}.chart svg{max-height:24cm}}";

/// One part of a guide.
enum Part {
    Heading(String),
    Text(String),
    List(Vec<String>),
    /// The steps of the flow, each as deep as it stands.
    Outline(Vec<(usize, String)>),
    Table {
        head: Vec<&'static str>,
        /// Columns from which on numbers stand.
        numbers: Option<usize>,
        rows: Vec<Vec<String>>,
    },
    /// The chart, where the form of the guide can show one.
    Chart,
}

/// The guide of a procedure as one HTML page that needs nothing beside it.
///
/// ```
/// # use guichet_catalogue::{Lang, guide};
/// let demo = guichet_catalogue::embedded("harbin-2010")?;
/// let food = demo.catalogue.procedures.iter().find(|procedure| procedure.id == "food-service").ok_or("not there")?;
/// let page = guide::html(food, &demo, Lang::En);
/// assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn html(procedure: &Procedure, loaded: &Loaded, lang: Lang) -> String {
    let title = escape(lang.name(&procedure.name));
    let centre = loaded
        .catalogue
        .centre
        .as_ref()
        .map(|centre| escape(lang.name(&centre.name)));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p class=\"other\">{}{}</p>\n",
        lang.tag(),
        escape(lang.other_name(&procedure.name)),
        centre.map(|centre| format!(" · {centre}")).unwrap_or_default(),
    );
    if let Some(notice) = &loaded.notice {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            page,
            "<p class=\"notice\" role=\"note\">{}</p>",
            escape(lang.name(notice))
        );
    }
    for part in parts(procedure, loaded, lang) {
        let _ = match part {
            Part::Heading(text) => writeln!(page, "<h2>{}</h2>", escape(&text)),
            Part::Text(text) => writeln!(page, "<p>{}</p>", escape(&text)),
            Part::List(items) => writeln!(page, "<ul>{}</ul>", items_html(&items)),
            // The chart says the same in a page.
            Part::Outline(_) => Ok(()),
            Part::Table { head, numbers, rows } => writeln!(page, "{}", table_html(&head, numbers, &rows)),
            Part::Chart => writeln!(
                page,
                "<div class=\"chart\">{}</div>",
                diagram::svg(procedure, &loaded.catalogue, lang).trim_end()
            ),
        };
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// The guide of a procedure as Markdown.
///
/// ```
/// # use guichet_catalogue::{Lang, guide};
/// let demo = guichet_catalogue::embedded("harbin-2010")?;
/// let card = demo.catalogue.procedures.iter().find(|procedure| procedure.id == "senior-card").ok_or("not there")?;
/// assert!(guide::markdown(card, &demo, Lang::En).starts_with("# Senior citizen card\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn markdown(procedure: &Procedure, loaded: &Loaded, lang: Lang) -> String {
    let mut page = format!(
        "# {}\n\n{}\n",
        plain(lang.name(&procedure.name)),
        plain(lang.other_name(&procedure.name))
    );
    if let Some(notice) = &loaded.notice {
        let _ = writeln!(page, "\n> {}", plain(lang.name(notice)));
    }
    for part in parts(procedure, loaded, lang) {
        let _ = match part {
            Part::Heading(text) => writeln!(page, "\n## {}", plain(&text)),
            Part::Text(text) => writeln!(page, "\n{}", plain(&text)),
            Part::List(items) => {
                page.push('\n');
                items
                    .iter()
                    .try_for_each(|item| writeln!(page, "- {}", plain(item)))
            }
            Part::Outline(items) => {
                page.push('\n');
                items
                    .iter()
                    .try_for_each(|(depth, item)| writeln!(page, "{}- {}", "  ".repeat(*depth), plain(item)))
            }
            Part::Table { head, numbers, rows } => {
                let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
                page.push('\n');
                page.push_str(&line(head.iter().map(|cell| plain(cell)).collect()));
                let rule = (0..head.len()).map(|at| if Some(at) == numbers { "---:" } else { "---" });
                page.push_str(&line(rule.map(str::to_owned).collect()));
                for row in rows {
                    page.push_str(&line(row.iter().map(|cell| plain(cell)).collect()));
                }
                Ok(())
            }
            Part::Chart => Ok(()),
        };
    }
    page
}

fn items_html(items: &[String]) -> String {
    items.iter().fold(String::new(), |mut html, item| {
        let _ = write!(html, "<li>{}</li>", escape(item));
        html
    })
}

fn table_html(head: &[&str], numbers: Option<usize>, rows: &[Vec<String>]) -> String {
    let cells = |html: &mut String, tag: &str, scope: &str, cells: &mut dyn Iterator<Item = &str>| {
        for (at, cell) in cells.enumerate() {
            let class = if Some(at) == numbers { " class=\"n\"" } else { "" };
            let _ = write!(html, "<{tag}{scope}{class}>{}</{tag}>", escape(cell));
        }
    };
    let mut html = "<table>\n<thead><tr>".to_owned();
    cells(&mut html, "th", " scope=\"col\"", &mut head.iter().copied());
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        cells(&mut html, "td", "", &mut row.iter().map(String::as_str));
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table>");
    html
}

/// A text as Markdown: nothing in it is taken for markup, and it stays on its line.
///
/// ```
/// assert_eq!(guichet_catalogue::escape_markdown("a|b *c*\n<i>"), "a\\|b \\*c\\* &lt;i&gt;");
/// ```
#[must_use]
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Entities, because not every renderer knows a backslash before these.
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                plain.push('\\');
                plain.push(c);
            }
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

fn parts(procedure: &Procedure, loaded: &Loaded, lang: Lang) -> Vec<Part> {
    let mut guide = Guide {
        procedure,
        loaded,
        lang,
        parts: Vec::new(),
    };
    guide.about();
    guide.materials();
    guide.materials_of_parts();
    guide.fees();
    guide.terms();
    guide.special_procedures();
    guide.silence();
    guide.windows();
    guide.flow();
    guide.voice();
    guide.parts
}

struct Guide<'a> {
    procedure: &'a Procedure,
    loaded: &'a Loaded,
    lang: Lang,
    parts: Vec<Part>,
}

impl Guide<'_> {
    fn heading(&mut self, zh: &str, en: &str) {
        self.parts.push(Part::Heading(self.lang.of(zh, en).to_owned()));
    }

    fn text(&mut self, text: String) {
        self.parts.push(Part::Text(text));
    }

    fn about(&mut self) {
        let lang = self.lang;
        let procedure = self.procedure;
        let row = |zh: &'static str, en: &'static str, value: String| vec![lang.of(zh, en).to_owned(), value];
        let department = lang.department(&self.loaded.catalogue, &procedure.department);
        let rows = vec![
            row("办理部门", "Department", department.to_owned()),
            row("办件类型", "Kind", lang.kind(procedure.kind).to_owned()),
            row(
                "事项编号",
                "Item",
                format!(
                    "{} ({} {})",
                    procedure.id,
                    lang.of("版本", "version"),
                    procedure.version
                ),
            ),
            row(
                "工作日历",
                "Calendar of working days",
                procedure.calendar.to_string(),
            ),
        ];
        self.heading("基本信息", "In short");
        let head = vec![lang.of("项目", "What"), lang.of("内容", "Answer")];
        self.parts.push(Part::Table {
            head,
            numbers: None,
            rows,
        });
    }

    fn materials(&mut self) {
        let lang = self.lang;
        self.heading("申请材料", "What to bring");
        if self.procedure.materials.is_empty() {
            self.text(lang.of("无需提交材料。", "No documents are needed.").to_owned());
            return;
        }
        let rows = self
            .procedure
            .materials
            .iter()
            .enumerate()
            .map(|(at, material)| {
                let needed = match (&material.when, material.required) {
                    (Some(when), true) => format!("{} {when}", lang.of("符合条件时必交：", "required where")),
                    (Some(when), false) => {
                        format!("{} {when}", lang.of("符合条件时可交：", "may be handed in where"))
                    }
                    (None, true) => lang.of("必交", "required").to_owned(),
                    (None, false) => lang.of("可选", "optional").to_owned(),
                };
                vec![
                    (at + 1).to_string(),
                    lang.name(&material.name).to_owned(),
                    needed,
                    lang.yes_no(material.may_follow).to_owned(),
                ]
            })
            .collect();
        let head = vec![
            lang.of("序号", "No."),
            lang.of("材料", "Document"),
            lang.of("要求", "Needed"),
            lang.of("可容缺后补", "May follow later"),
        ];
        self.parts.push(Part::Table {
            head,
            numbers: None,
            rows,
        });
    }

    /// What the parts of a joint procedure ask for stands in their own guides.
    fn materials_of_parts(&mut self) {
        let lang = self.lang;
        let parts: Vec<_> = self
            .parts_of_it()
            .into_iter()
            .filter(|part| !part.materials.is_empty())
            .map(|part| lang.name(&part.name).to_owned())
            .collect();
        if !parts.is_empty() {
            self.text(match lang {
                Lang::Zh => format!("所含事项另需的材料见其办事指南：{}。", parts.join("、")),
                Lang::En => format!(
                    "The guides of its parts list what they need besides: {}.",
                    parts.join(", ")
                ),
            });
        }
    }

    /// The procedures whose flows this one takes in, each once, in the order of the page.
    fn parts_of_it(&self) -> Vec<&Procedure> {
        let mut parts: Vec<&Procedure> = Vec::new();
        let Some(flow) = &self.procedure.flow else {
            return parts;
        };
        flow.walk(&mut |block| {
            if let Block::Procedure(sub) = block {
                let procedures = &self.loaded.catalogue.procedures;
                let known = procedures
                    .iter()
                    .find(|known| known.id == sub.procedure && Some(known.version) == sub.version);
                parts.extend(known.filter(|known| parts.iter().all(|part| part.id != known.id)));
            }
        });
        parts
    }

    fn fees(&mut self) {
        let lang = self.lang;
        self.heading("收费", "Fees");
        let mut rows: Vec<_> = self
            .procedure
            .fees
            .iter()
            .map(|fee| {
                let name = lang.name(&fee.name).to_owned();
                vec![name, lang.yuan(fee.amount_fen), fee.source.clone()]
            })
            .collect();
        for part in self.parts_of_it() {
            rows.extend(part.fees.iter().map(|fee| {
                let name = format!(
                    "{}{}{}",
                    lang.name(&part.name),
                    lang.colon(),
                    lang.name(&fee.name)
                );
                vec![name, lang.yuan(fee.amount_fen), fee.source.clone()]
            }));
        }
        if rows.is_empty() {
            self.text(lang.of("不收费。", "There is no fee.").to_owned());
            return;
        }
        let head = vec![
            lang.of("项目", "Fee"),
            lang.of("金额", "Amount"),
            lang.of("依据", "Standard"),
        ];
        self.parts.push(Part::Table {
            head,
            numbers: Some(1),
            rows,
        });
        self.text(
            if self.procedure.fee_before_delivery {
                lang.of(
                    "缴清费用后领取证照；缴费不影响决定时限。",
                    "The certificate is handed over once the fee is paid. The term for the decision does not wait for it.",
                )
            } else {
                lang.of("缴费不影响决定时限。", "The term for the decision does not wait for the fee.")
            }
            .to_owned(),
        );
    }

    fn terms(&mut self) {
        let lang = self.lang;
        let terms = &self.procedure.terms;
        let named: [(&str, &str, &Option<SourcedTerm>); 5] = [
            (
                "受理（自收到申请起）",
                "Acceptance, from the day of the application",
                &terms.intake,
            ),
            (
                "法定时限（自受理起）",
                "Decision, by law, from acceptance",
                &terms.statutory,
            ),
            (
                "承诺时限（自受理起）",
                "Decision, as promised, from acceptance",
                &terms.promised,
            ),
            ("送达（自决定起）", "Delivery, from the decision", &terms.delivery),
            (
                "补正（申请人）",
                "Handing in missing documents (the applicant)",
                &terms.correction,
            ),
        ];
        let rows: Vec<_> = named
            .iter()
            .filter_map(|(zh, en, term)| {
                let term = term.as_ref()?;
                Some(vec![
                    lang.of(zh, en).to_owned(),
                    lang.term(term.term),
                    term.source.clone(),
                ])
            })
            .collect();
        self.heading("办理时限", "How long it takes");
        let head = vec![
            lang.of("环节", "What"),
            lang.of("时限", "Term"),
            lang.of("依据", "Source"),
        ];
        if rows.is_empty() {
            self.text(lang.of("未公布时限。", "No terms are published.").to_owned());
        } else {
            self.parts.push(Part::Table {
                head,
                numbers: None,
                rows,
            });
            self.text(
                lang.of("起始日不计入。", "The day on which a term begins is not counted.")
                    .to_owned(),
            );
        }
        if let Some(extension) = &self.procedure.extension {
            let (longest, approver, source) = (
                lang.term(extension.longest),
                lang.role(extension.approver),
                &extension.source,
            );
            let times = extension.times;
            self.text(match lang {
                Lang::Zh => format!("延期：经{approver}批准，可延长{longest}，最多{times}次，并告知理由（{source}）。"),
                Lang::En => {
                    let times = if times == 1 { "once".to_owned() } else { format!("up to {times} times") };
                    format!("Extension: by {longest}, {times}, granted by the {approver}; you are told the reason ({source}).")
                }
            });
        }
    }

    fn special_procedures(&mut self) {
        let lang = self.lang;
        if self.procedure.special_procedures.is_empty() {
            return;
        }
        let rows = self
            .procedure
            .special_procedures
            .iter()
            .map(|rule| {
                vec![
                    lang.special(rule.kind).to_owned(),
                    rule.longest
                        .map_or_else(|| "–".to_owned(), |longest| lang.term(longest)),
                    lang.yes_no(!rule.excluded).to_owned(),
                    rule.source.clone(),
                ]
            })
            .collect();
        self.heading("特别程序", "Special procedures");
        let head = vec![
            lang.of("程序", "Procedure"),
            lang.of("最长时间", "At most"),
            lang.of("是否计入时限", "Counted in the limit?"),
            lang.of("依据", "Source"),
        ];
        self.parts.push(Part::Table {
            head,
            numbers: None,
            rows,
        });
    }

    fn silence(&mut self) {
        let lang = self.lang;
        let silence = &self.procedure.silence;
        let mut items = Vec::new();
        if silence.intake_accepts {
            items.push(
                lang.of(
                    "逾期未告知是否受理的，自收到申请材料之日起即为受理。",
                    "If nobody tells you in time whether the application is accepted, it counts as accepted from the day it was received.",
                )
                .to_owned(),
            );
        }
        items.push(match (silence.decision, lang) {
            (Some(effect), Lang::Zh) => format!("法定时限届满未作决定的，{}。", lang.silence(effect)),
            (Some(effect), Lang::En) => {
                format!(
                    "If nothing is decided within the term set by law, the application {}.",
                    lang.silence(effect)
                )
            }
            (None, _) => lang
                .of(
                    "法定时限届满未作决定的，不产生默示许可；您可以投诉。",
                    "If nothing is decided in time, nothing is granted by it; you may complain.",
                )
                .to_owned(),
        });
        self.heading("逾期未答复", "If nobody answers");
        self.parts.push(Part::List(items));
    }

    fn windows(&mut self) {
        let lang = self.lang;
        let catalogue = &self.loaded.catalogue;
        let steps = self.procedure.flow.as_ref().map_or_else(Vec::new, Block::steps);
        // Applicants go where the case is handed in, to the bank, and to the window that hands things over.
        let mut wanted: Vec<_> = steps
            .first()
            .map(|step| self.stands_at(step))
            .into_iter()
            .collect();
        let bank =
            !self.procedure.fees.is_empty() || self.parts_of_it().iter().any(|part| !part.fees.is_empty());
        wanted.extend(
            steps
                .iter()
                .filter(|step| step.window == Some(WindowForm::Bank))
                .map(|step| self.stands_at(step)),
        );
        let rows: Vec<_> = catalogue
            .windows
            .iter()
            .filter(|window| {
                let fits = |(department, form): &(_, Option<WindowForm>)| {
                    form.is_none_or(|form| form == window.form) && self.serves(window, department)
                };
                wanted.iter().any(fits) || (bank && window.form == WindowForm::Bank)
            })
            .map(|window| {
                let note = match window.form {
                    WindowForm::Rotating => lang.of(
                        "按轮值表值班，请先询问日期",
                        "on the days of its roster; please ask first",
                    ),
                    WindowForm::Bank => lang.of("缴费", "for fees"),
                    WindowForm::ApprovalOffice
                    | WindowForm::Reception
                    | WindowForm::AnnualInspection
                    | WindowForm::Intermediary => "",
                };
                vec![
                    window.id.to_string(),
                    lang.name(&window.name).to_owned(),
                    lang.window_form(window.form).to_owned(),
                    note.to_owned(),
                ]
            })
            .collect();
        self.heading("办理窗口", "Where to go");
        if rows.is_empty() {
            self.text(
                lang.of("请向咨询台询问。", "Please ask at the information desk.")
                    .to_owned(),
            );
            return;
        }
        let head = vec![
            lang.of("窗口", "Window"),
            lang.of("名称", "Name"),
            lang.of("形式", "Form"),
            lang.of("说明", "Note"),
        ];
        self.parts.push(Part::Table {
            head,
            numbers: None,
            rows,
        });
    }

    fn stands_at(&self, step: &Step) -> (guichet_core::id::DepartmentId, Option<WindowForm>) {
        let department = step.department.as_ref().unwrap_or(&self.procedure.department);
        (department.clone(), step.window)
    }

    fn serves(&self, window: &Window, department: &guichet_core::id::DepartmentId) -> bool {
        match &window.department {
            Some(own) => own == department,
            None => self
                .loaded
                .catalogue
                .rosters
                .iter()
                .any(|roster| roster.window == window.id && roster.departments.contains(department)),
        }
    }

    fn flow(&mut self) {
        let Some(flow) = &self.procedure.flow else { return };
        self.heading("办理流程", "How it goes");
        let mut outline = Vec::new();
        self.outline(flow, 0, &mut outline);
        self.parts.push(Part::Outline(outline));
        self.parts.push(Part::Chart);
    }

    fn outline(&self, block: &Block, depth: usize, outline: &mut Vec<(usize, String)>) {
        let lang = self.lang;
        let colon = lang.colon();
        match block {
            Block::Step(step) => {
                let title = step
                    .name
                    .as_ref()
                    .map_or(step.id.as_str(), |names| lang.name(names));
                let (department, _) = self.stands_at(step);
                let mut details = vec![
                    lang.department(&self.loaded.catalogue, &department).to_owned(),
                    lang.role(step.needed_role()).to_owned(),
                ];
                details.extend(step.window.map(|form| lang.window_form(form).to_owned()));
                details.extend(step.term.map(|term| lang.term(term)));
                if step.safety {
                    details.push(lang.of("安全事项", "guards safety").to_owned());
                }
                if step.decides {
                    details.push(lang.of("决定", "the decision").to_owned());
                }
                outline.push((depth, format!("{title}{colon}{}", details.join(lang.comma()))));
            }
            Block::Sequence(blocks) => blocks
                .iter()
                .for_each(|inner| self.outline(inner, depth, outline)),
            Block::Parallel(group) => {
                let title = group
                    .name
                    .as_ref()
                    .map_or(group.id.as_str(), |names| lang.name(names));
                let mut details = vec![
                    lang.of("并联办理", "side by side").to_owned(),
                    lang.join(group.join, group.branches.len()),
                ];
                details.extend(group.lead.as_ref().map(|lead| {
                    let lead = lang.department(&self.loaded.catalogue, lead);
                    format!("{} {lead}", lang.of("牵头", "led by"))
                }));
                details.extend(group.term.map(|term| lang.term(term)));
                outline.push((depth, format!("{title}{colon}{}", details.join(lang.comma()))));
                group
                    .branches
                    .iter()
                    .for_each(|inner| self.outline(inner, depth + 1, outline));
            }
            Block::Choice(choice) => {
                outline.push((
                    depth,
                    format!("{}{colon}{}", lang.of("如符合", "Where this holds"), choice.when),
                ));
                self.outline(&choice.then, depth + 1, outline);
                if let Some(otherwise) = &choice.otherwise {
                    outline.push((depth, lang.of("否则", "Otherwise").to_owned()));
                    self.outline(otherwise, depth + 1, outline);
                }
            }
            Block::Optional(optional) => {
                outline.push((depth, lang.of("可跳过", "May be skipped").to_owned()));
                self.outline(&optional.block, depth + 1, outline);
            }
            Block::Procedure(sub) => {
                let known = self
                    .loaded
                    .catalogue
                    .procedures
                    .iter()
                    .find(|known| known.id == sub.procedure);
                let title = known.map_or(sub.procedure.as_str(), |known| lang.name(&known.name));
                outline.push((depth, title.to_owned()));
                sub.flow
                    .iter()
                    .for_each(|inner| self.outline(inner, depth + 1, outline));
            }
        }
    }

    fn voice(&mut self) {
        let lang = self.lang;
        self.heading("评价与投诉", "Rate and complain");
        let mut items = Vec::new();
        if let Some(rating) = &self.procedure.rating {
            let points: Vec<_> = rating
                .points
                .iter()
                .map(|point| lang.rating_point(*point))
                .collect();
            let points = points.join(lang.comma());
            let (open, rectify) = (lang.term(rating.open_for), lang.term(rating.rectify_within));
            items.push(match lang {
                Lang::Zh => format!("您可以在以下环节评价服务：{points}；每次评价机会保留{open}。"),
                Lang::En => {
                    format!("You may rate the service after: {points}. Each occasion stays open for {open}.")
                }
            });
            items.push(match lang {
                Lang::Zh => format!("差评由中心在{rectify}内核实整改，并回访。"),
                Lang::En => format!(
                    "A bad rating is looked into and put right within {rectify}, and you are called back."
                ),
            });
        }
        items.push(
            lang.of(
                "您可以随时在咨询台或向监察人员投诉，不影响您的申请。",
                "You may complain at any time at the information desk or to the supervisors. It does not affect your application.",
            )
            .to_owned(),
        );
        self.parts.push(Part::List(items));
    }
}
