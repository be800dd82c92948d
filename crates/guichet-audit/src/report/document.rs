//! A report as a document that people read: the verdict first, then what it rests on.

use std::collections::BTreeMap;

use guichet_core::id::{DepartmentId, Position};
use guichet_core::lang::Lang;
use guichet_core::reference::FindingStanding;
use guichet_stats::Figure;
use guichet_stats::report::{Cell, Part, Table};
use guichet_terminal::context::Context;
use guichet_terminal::table::or_dash;
use guichet_terminal::words;

use super::{Contents, Report};
use crate::findings::{Filter, FindingView, Listing, RuleId, Severity, standing_name};
use crate::recompute::{Row, shown, verdict};
use crate::verify::Verification;

/// A document, ready to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub title: String,
    /// Whose it is, and over which period.
    pub subtitle: String,
    /// What it says, from the top down.
    pub parts: Vec<Part>,
}

/// What is told of each department: how much it did, how much of it in time, and how people liked it.
const OF_DEPARTMENTS: &[Figure] = &[
    Figure::Accepted,
    Figure::Completed,
    Figure::OnTime,
    Figure::OnTimeStrict,
    Figure::OverdueIllegal,
    Figure::UsedMean,
    Figure::SpeedUp,
    Figure::OnSiteSatisfaction,
];

/// The report as a document in a language.
#[must_use]
pub fn document(report: &Report, lang: Lang) -> Document {
    let mut pen = Pen {
        context: Context {
            lang,
            quiet: true,
            ..Context::default()
        },
        parts: Vec::new(),
    };
    pen.verdict(report);
    pen.log(&report.verification);
    if let Some(contents) = &report.contents {
        pen.findings(contents);
        pen.published(contents);
        pen.figures(contents);
        pen.rules(contents);
    }
    pen.ending(report);
    let contents = report.contents.as_ref();
    let centre = contents.and_then(|contents| contents.centre.as_ref());
    let centre = centre.map_or_else(
        || report.verification.head.log.clone(),
        |names| Some(pen.context.name(names).to_owned()),
    );
    let period = contents.map(|contents| contents.period.name(lang));
    Document {
        title: pen.say("监察核查报告", "Audit report").to_owned(),
        subtitle: [centre, period]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
        parts: pen.parts,
    }
}

struct Pen {
    context: Context,
    parts: Vec<Part>,
}

impl Pen {
    const fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.context.say(zh, en)
    }

    fn heading(&mut self, level: u8, text: impl Into<String>) {
        let text = text.into();
        self.parts.push(Part::Heading { level, text });
    }

    fn paragraph(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Paragraph { text: text.into() });
    }

    fn table(&mut self, table: Table) {
        self.parts.push(Part::Table(table));
    }

    /// What there is to know for somebody who reads no further.
    fn verdict(&mut self, report: &Report) {
        let verification = &report.verification;
        let (wrong, records) = (verification.findings.len(), verification.records);
        self.heading(2, self.say("结论", "Verdict"));
        self.paragraph(match (self.context.lang, wrong) {
            (Lang::Zh, 0) => format!("日志完整、有序、未被改动：{records} 条记录均已核验。"),
            (Lang::En, 0) => {
                format!("The log is complete, in order and untouched: all of its {records} records were verified.")
            }
            (Lang::Zh, wrong) => {
                format!("日志本身有 {wrong} 处问题。以下各项依据日志所载，仅在这些问题之外可信。")
            }
            (Lang::En, wrong) => format!(
                "The log itself is not as it must be: {wrong} things are wrong with it. What follows is what it says, and is worth no more than that."
            ),
        });
        if !verification.signature_checked {
            self.paragraph(self.say(
                "签署头的签名未经核验：未给出公钥，或并非由该公钥签署。日志由何人签署，本报告不作证明。",
                "The signature of the head was not checked, or is not of the key that was given: this report does not prove who sealed the log.",
            ));
        }
        if let Some(unread) = &report.unread {
            let reason = unread.tell(self.context.lang);
            self.paragraph(match self.context.lang {
                Lang::Zh => format!("日志无法完整读取，因此没有异常与数字两部分：{reason}。"),
                Lang::En => format!(
                    "The log cannot be read to its end, so there is nothing here of findings and figures: {reason}."
                ),
            });
        }
        let Some(contents) = &report.contents else {
            return;
        };
        let found = &contents.findings.findings;
        let of = |severity: Severity| {
            found
                .iter()
                .filter(|finding| finding.severity == severity)
                .count()
        };
        let (serious, warnings, notices) =
            (of(Severity::Serious), of(Severity::Warning), of(Severity::Notice));
        self.paragraph(match (self.context.lang, found.len()) {
            (Lang::Zh, 0) => "按所列规则未发现异常。".to_owned(),
            (Lang::En, 0) => "The rules found nothing.".to_owned(),
            (Lang::Zh, all) => {
                format!("发现异常 {all} 项：严重 {serious}，警告 {warnings}，提示 {notices}。")
            }
            (Lang::En, all) => {
                format!("The rules found {all}: {serious} serious, {warnings} warnings, {notices} notices.")
            }
        });
        let bulletins = &contents.bulletins;
        let sum = |of: fn(&super::CheckedBulletin) -> usize| bulletins.iter().map(of).sum::<usize>();
        let (figures, hold) = (sum(|of| of.figures), sum(|of| of.hold));
        let standing = bulletins.iter().filter(|of| of.restated_by.is_none());
        let changed = standing.map(|of| of.changed_since).sum::<usize>();
        let wrong = figures - hold;
        self.paragraph(match (self.context.lang, bulletins.len()) {
            (Lang::Zh, 0) => "本期未公布数字。".to_owned(),
            (Lang::En, 0) => "No figures were published of this period.".to_owned(),
            (Lang::Zh, count) => format!(
                "{count} 份公报共公布 {figures} 项数字：{hold} 项与公布时的日志相符，{wrong} 项不符；{changed} 项公布后有变而未更正。"
            ),
            (Lang::En, count) => format!(
                "Published figures: {figures}, in bulletins: {count}. What the log of then gives: {hold}; not so: {wrong}. Changed since and not restated: {changed}."
            ),
        });
    }

    /// The log, and what is wrong with it.
    fn log(&mut self, verification: &Verification) {
        self.heading(2, self.say("日志", "The log"));
        let mut table = Table::new([self.say("项目", "what"), self.say("内容", "value")]);
        let mut row = |name: &str, value: String| table.rows.push(vec![Cell::text(name), Cell::text(value)]);
        row(self.say("日志", "log"), or_dash(verification.head.log.as_ref()));
        row(self.say("记录", "records"), verification.records.to_string());
        row(self.say("流", "streams"), verification.streams.to_string());
        row(self.say("根", "root"), verification.head.root.clone());
        row(
            self.say("各流末端的根", "root of the ends of streams"),
            verification.head.streams_root.clone(),
        );
        if let Some(database) = &verification.database {
            row(self.say("数据库", "database"), database.placed(self.context.lang));
        }
        let signature = if verification.signature_checked {
            self.say("由给出的公钥签署", "signed by the key that was given")
        } else {
            self.say("未核验", "not checked")
        };
        row(self.say("签署", "signature"), signature.to_owned());
        row(
            self.say("比对的签署头", "heads compared"),
            verification.heads_compared(self.context.lang),
        );
        self.table(table);
        if verification.findings.is_empty() {
            return;
        }
        self.heading(3, self.say("日志本身的问题", "What is wrong with the log"));
        let mut table = Table::new([
            self.say("#位置", "#position"),
            self.say("问题", "what"),
            self.say("何处", "where"),
            self.say("详情", "detail"),
        ]);
        for finding in &verification.findings {
            let place = finding.stream.as_deref().or(finding.file.as_deref());
            table.rows.push(vec![
                Cell::number(finding.position),
                Cell::text(finding.kind.name(self.context.lang)),
                Cell::text(place.unwrap_or("–")),
                Cell::text(&*finding.detail),
            ]);
        }
        self.table(table);
    }

    fn findings(&mut self, contents: &Contents) {
        let lang = self.context.lang;
        let listing = Listing::of(&contents.findings, &Filter::default());
        if listing.findings.is_empty() {
            return;
        }
        self.heading(2, self.say("异常", "Findings"));
        let mut by_rule: BTreeMap<(std::cmp::Reverse<Severity>, RuleId), Vec<&FindingView<'_>>> =
            BTreeMap::new();
        for finding in &listing.findings {
            let key = (std::cmp::Reverse(finding.severity), finding.rule);
            by_rule.entry(key).or_default().push(finding);
        }
        let count = self.say("#项", "#found");
        let mut counts = Table::new([self.say("程度", "weight"), self.say("规则", "rule"), count]);
        for standing in FindingStanding::ALL {
            counts.number_column(standing_name(*standing, lang));
        }
        for ((severity, rule), findings) in &by_rule {
            let mut row = vec![
                Cell::text(severity.0.name(lang)),
                Cell::text(format!("{rule} {}", rule.name(lang))),
                Cell::number(findings.len()),
            ];
            row.extend(FindingStanding::ALL.iter().map(|standing| {
                let so = findings.iter().filter(|finding| finding.standing == *standing);
                Cell::number(so.count())
            }));
            counts.rows.push(row);
        }
        self.table(counts);
        for ((severity, rule), findings) in by_rule {
            self.heading(
                3,
                format!("{rule} {} · {}", rule.name(lang), severity.0.name(lang)),
            );
            let mut table = Table::new([
                self.say("日期", "date"),
                self.say("部门", "department"),
                self.say("异常", "finding"),
                self.say("处理", "standing"),
            ]);
            for finding in findings {
                table.rows.push(vec![
                    Cell::text(finding.on.to_string()),
                    Cell::text(self.department(contents, finding.department)),
                    Cell::text(finding.sentence.tell(lang)),
                    Cell::text(self.standing(finding)),
                ]);
            }
            self.table(table);
        }
    }

    /// How a finding stands, with what was said of it last.
    fn standing(&self, finding: &FindingView<'_>) -> String {
        let name = standing_name(finding.standing, self.context.lang);
        match (finding.said.last(), self.context.lang) {
            (None, _) => name.to_owned(),
            (Some(said), Lang::Zh) => format!("{name}（{}，{}：{}）", said.on, said.by, said.text),
            (Some(said), Lang::En) => format!("{name} ({}, {}: {})", said.on, said.by, said.text),
        }
    }

    fn department(&self, contents: &Contents, department: Option<&DepartmentId>) -> String {
        department.map_or_else(
            || "–".to_owned(),
            |id| words::department_name(&contents.findings.directory, id, self.context),
        )
    }

    /// A department, or the whole centre.
    fn of(&self, contents: &Contents, row: &Row) -> String {
        words::department_or_centre(
            &contents.findings.directory,
            row.department.as_ref(),
            self.context,
        )
    }

    /// The bulletins of the period, and what of them does not hold.
    fn published(&mut self, contents: &Contents) {
        if contents.bulletins.is_empty() && contents.divergences.is_empty() {
            return;
        }
        let lang = self.context.lang;
        self.heading(2, self.say("公布的数字", "Published figures"));
        if !contents.bulletins.is_empty() {
            let mut table = Table::new([
                self.say("公报", "bulletin"),
                self.say("时段", "period"),
                self.say("#日志位置", "#log position"),
                self.say("该处的根", "root there"),
                self.say("#数字", "#figures"),
                self.say("#相符", "#hold"),
                self.say("#公布后有变", "#changed since"),
                self.say("更正", "restated by"),
            ]);
            for of in &contents.bulletins {
                table.rows.push(vec![
                    Cell::text(&*of.name),
                    Cell::text(of.period.name(lang)),
                    Cell::number(of.position),
                    Cell::text(of.root.as_deref().unwrap_or("–")),
                    Cell::number(of.figures),
                    Cell::number(of.hold),
                    Cell::number(of.changed_since),
                    Cell::text(of.restated_by.as_deref().unwrap_or("–")),
                ]);
            }
            self.table(table);
        }
        self.divergences(contents);
        for of in &contents.restatements {
            let reason = of.reason.as_deref().unwrap_or("–");
            let (bulletin, restates, changed) = (&of.bulletin, &of.restates, of.figures_changed);
            let by = or_dash(of.by.as_ref());
            self.paragraph(match lang {
                Lang::Zh => format!("{by} 以公报 {bulletin} 更正 {restates}，变动 {changed} 项：{reason}"),
                Lang::En => {
                    format!("Bulletin {bulletin} of {by} restates {restates} in {changed} figures: {reason}")
                }
            });
        }
    }

    fn divergences(&mut self, contents: &Contents) {
        if contents.divergences.is_empty() {
            return;
        }
        let lang = self.context.lang;
        self.heading(3, self.say("差异", "What diverges"));
        let mut table = Table::new([
            self.say("时段", "period"),
            self.say("指标", "figure"),
            self.say("范围", "of"),
            self.say("公报", "bulletin"),
            self.say("#公布", "#published"),
            self.say("#当时", "#then"),
            self.say("#现在", "#now"),
            self.say("结论", "verdict"),
            self.say("变动的办件及记录位置", "cases that changed, with the records"),
        ]);
        for divergence in &contents.divergences {
            let row = &divergence.row;
            let now = shown(row.figure, row.now.second.as_ref().unwrap_or(&row.now.first));
            let mut line =
                |bulletin: &str, published: String, then: String, verdict: String, cases: String| {
                    table.rows.push(vec![
                        Cell::text(divergence.period.name(lang)),
                        Cell::text(row.figure.name(lang)),
                        Cell::text(self.of(contents, row)),
                        Cell::text(bulletin),
                        Cell::text(published),
                        Cell::text(then),
                        Cell::text(&*now),
                        Cell::text(verdict),
                        Cell::text(cases),
                    ]);
                };
            if row.published.is_empty() {
                line(
                    "–",
                    "–".into(),
                    "–".into(),
                    verdict(row, None, self.context),
                    self.disputed(row),
                );
            }
            for published in &row.published {
                let then = published.then.second.as_ref().unwrap_or(&published.then.first);
                let changed = published.changed.iter().filter(|_| published.changed_since);
                let changed: Vec<String> = changed
                    .map(|case| {
                        let positions: Vec<Position> = case.by.iter().map(|by| by.position).collect();
                        self.case(&case.case.to_string(), &positions)
                    })
                    .collect();
                line(
                    &published.bulletin,
                    shown(row.figure, &published.published),
                    shown(row.figure, then),
                    verdict(row, Some(published), self.context),
                    changed.join(self.say("；", "; ")),
                );
            }
        }
        self.table(table);
    }

    /// The cases that the two paths count differently.
    fn disputed(&self, row: &Row) -> String {
        let cases: Vec<&str> = row.now.disputed.iter().map(|case| case.case.as_str()).collect();
        cases.join(self.say("、", ", "))
    }

    fn case(&self, case: &str, positions: &[Position]) -> String {
        let positions: Vec<String> = positions.iter().map(ToString::to_string).collect();
        match self.context.lang {
            Lang::Zh => format!("{case}（{}）", positions.join("、")),
            Lang::En => format!("{case} ({})", positions.join(", ")),
        }
    }

    /// Every figure of the centre, and some of each department.
    fn figures(&mut self, contents: &Contents) {
        let lang = self.context.lang;
        self.heading(2, self.say("本期数字", "Figures of the period"));
        let mut table = Table::new([
            self.say("指标", "figure"),
            self.say("#数值", "#value"),
            self.say("两种算法", "two paths"),
        ]);
        for row in contents.figures.iter().filter(|row| row.department.is_none()) {
            let agree = match row.now.agree {
                Some(true) => self.say("一致", "agree"),
                Some(false) => self.say("不一致", "disagree"),
                None => self.say("仅一种", "only one"),
            };
            table.rows.push(vec![
                Cell::text(row.figure.name(lang)),
                Cell::text(shown(row.figure, &row.now.first)),
                Cell::text(agree),
            ]);
        }
        table.note(self.say(
            "数值为指标值（分子/分母）；没有分母时只有数值，分母为零时为“–”。两种算法各自从事件计算，含义见 `guichet stats glossary`。",
            "A value with part/whole; a dash where the whole is nothing. Both paths count from the events, each by itself; `guichet stats glossary` tells what each figure means.",
        ));
        self.table(table);
        let mut by_department: BTreeMap<&DepartmentId, BTreeMap<Figure, String>> = BTreeMap::new();
        for row in &contents.figures {
            if let Some(department) = &row.department {
                let of = by_department.entry(department).or_default();
                of.insert(row.figure, shown(row.figure, &row.now.first));
            }
        }
        if by_department.is_empty() {
            return;
        }
        self.heading(3, self.say("按部门", "By department"));
        let mut table = Table::new([self.say("部门", "department")]);
        for figure in OF_DEPARTMENTS {
            table.number_column(figure.name(lang));
        }
        for (department, of) in by_department {
            let mut row = vec![Cell::text(self.department(contents, Some(department)))];
            row.extend(
                OF_DEPARTMENTS
                    .iter()
                    .map(|figure| Cell::text(of.get(figure).map_or("–", String::as_str))),
            );
            table.rows.push(row);
        }
        table.note(self.say(
            "全部指标见 report.json。",
            "All figures of each department are in report.json.",
        ));
        self.table(table);
    }

    /// By what was measured: rules with their parameters, calendars, versions of items.
    fn rules(&mut self, contents: &Contents) {
        let lang = self.context.lang;
        self.heading(2, self.say("依据", "By what was measured"));
        let mut table = Table::new([
            self.say("规则", "rule"),
            self.say("程度", "weight"),
            self.say("参数", "parameters"),
            self.say("来源", "source"),
        ]);
        for rule in &contents.rules {
            let left_out = self.say("不用", "left out");
            let parameters: Vec<String> = rule
                .parameters
                .iter()
                .map(|parameter| format!("{} {}", parameter.name, parameter.value))
                .collect();
            table.rows.push(vec![
                Cell::text(format!("{} {}", rule.id, rule.name.tell(lang))),
                Cell::text(rule.severity.map_or(left_out, |severity| severity.name(lang))),
                Cell::text(parameters.join(self.say("；", "; "))),
                Cell::text(rule.source),
            ]);
        }
        self.table(table);
        let mut table = Table::new([
            self.say("日历或事项", "calendar or item"),
            self.say("版本", "versions"),
        ]);
        for (calendar, version) in &contents.calendars {
            table
                .rows
                .push(vec![Cell::text(calendar.as_str()), Cell::number(version)]);
        }
        for (procedure, versions) in &contents.procedures {
            let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
            table.rows.push(vec![
                Cell::text(procedure.as_str()),
                Cell::text(versions.join(self.say("、", ", "))),
            ]);
        }
        self.table(table);
    }

    /// How somebody else comes to the same report.
    fn ending(&mut self, report: &Report) {
        self.heading(2, self.say("如何核对本报告", "How to check this report"));
        let version = report.tool.number();
        self.paragraph(match self.context.lang {
            Lang::Zh => format!(
                "由 guichet-audit {version} 写出。同一日志、同一版本、同样的时段与规则，任何人写出的报告逐字节相同："
            ),
            Lang::En => format!(
                "Written by guichet-audit {version}. The same log, version, period and rules give the same bytes, whoever asks:"
            ),
        });
        let over = report.contents.as_ref().map(|contents| contents.period);
        let over = over.filter(|period| *period != guichet_stats::Period::ALWAYS);
        let over = over.map(|period| format!(" --over {period}")).unwrap_or_default();
        self.parts.push(Part::Command {
            text: format!("guichet-audit report --archive ARCHIVE --key KEY{over} --to FOLDER"),
        });
        self.paragraph(self.say(
            "若有 report.note，其中是签署人对各文件 SHA-256 的签名：",
            "Where there is a report.note, it is a signature over the SHA-256 of each file:",
        ));
        self.parts.push(Part::Command {
            text: "guichet-audit check-report FOLDER --key KEY".to_owned(),
        });
    }
}
