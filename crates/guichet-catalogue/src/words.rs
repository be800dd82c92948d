//! The words of charts and guides, in Chinese and English.

use guichet_core::actor::Role;
use guichet_core::flow::Join;
use guichet_core::id::DepartmentId;
use guichet_core::lang::Lang;
use guichet_core::procedure::{DecisionSilence, Names, ProcedureKind, RatingPoint, SpecialKind};
use guichet_core::reference::{Catalogue, WindowForm};
use guichet_core::time::Term;

/// What a kind of procedure is called.
#[must_use]
pub fn kind_name(kind: ProcedureKind, lang: Lang) -> &'static str {
    lang.kind(kind)
}

/// What a form of window is called.
#[must_use]
pub fn window_form_name(form: WindowForm, lang: Lang) -> &'static str {
    lang.window_form(form)
}

/// What each language says.
pub(crate) trait Words: Copy {
    /// The first text in Chinese, the second in English.
    fn of<'t>(self, zh: &'t str, en: &'t str) -> &'t str;

    /// A name in this language.
    fn name(self, names: &Names) -> &str;

    /// A name in the other language.
    fn other_name(self, names: &Names) -> &str;

    /// What stands between the items of a list inside a sentence.
    fn comma(self) -> &'static str;

    fn colon(self) -> &'static str;

    fn yes_no(self, yes: bool) -> &'static str;

    /// The name of a department; its id when the catalogue does not have it.
    fn department<'c>(self, catalogue: &'c Catalogue, id: &'c DepartmentId) -> &'c str;

    /// A term in words: `20 working days`.
    fn term(self, term: Term) -> String;

    /// A term for the narrow boxes of a chart.
    fn short_term(self, term: Term) -> String;

    /// Fen as yuan.
    fn yuan(self, fen: u64) -> String;

    fn kind(self, kind: ProcedureKind) -> &'static str;

    fn special(self, kind: SpecialKind) -> &'static str;

    fn window_form(self, form: WindowForm) -> &'static str;

    fn role(self, role: Role) -> &'static str;

    fn rating_point(self, point: RatingPoint) -> &'static str;

    fn silence(self, silence: DecisionSilence) -> &'static str;

    fn join(self, join: Join, branches: usize) -> String;
}

impl Words for Lang {
    fn of<'t>(self, zh: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    fn name(self, names: &Names) -> &str {
        self.of(&names.zh, &names.en)
    }

    fn other_name(self, names: &Names) -> &str {
        self.of(&names.en, &names.zh)
    }

    fn comma(self) -> &'static str {
        self.of("、", ", ")
    }

    fn colon(self) -> &'static str {
        self.of("：", ": ")
    }

    fn yes_no(self, yes: bool) -> &'static str {
        if yes {
            self.of("是", "yes")
        } else {
            self.of("否", "no")
        }
    }

    fn department<'c>(self, catalogue: &'c Catalogue, id: &'c DepartmentId) -> &'c str {
        let known = catalogue
            .departments
            .iter()
            .find(|department| department.id == *id);
        known.map_or(id.as_str(), |department| self.name(&department.name))
    }

    fn term(self, term: Term) -> String {
        let count = term.count();
        if count == 0 {
            return self.of("当日", "the same day").to_owned();
        }
        let (zh, one, many) = match term {
            Term::WorkingDays(_) => ("个工作日", "working day", "working days"),
            Term::CalendarDays(_) => ("日（自然日）", "calendar day", "calendar days"),
            Term::Weeks(_) => ("周", "week", "weeks"),
            Term::Months(_) => ("个月", "month", "months"),
            Term::WorkingHours(_) => ("个工作小时", "working hour", "working hours"),
        };
        match self {
            Self::Zh => format!("{count}{zh}"),
            Self::En if count == 1 => format!("{count} {one}"),
            Self::En => format!("{count} {many}"),
        }
    }

    fn short_term(self, term: Term) -> String {
        match (self, term) {
            (Self::Zh, Term::CalendarDays(count)) => format!("{count}自然日"),
            (Self::Zh | Self::En, _) => self.term(term),
        }
    }

    fn yuan(self, fen: u64) -> String {
        let amount = format!("{}.{:02}", fen / 100, fen % 100);
        match self {
            Self::Zh => format!("{amount}元"),
            Self::En => format!("{amount} yuan"),
        }
    }

    fn kind(self, kind: ProcedureKind) -> &'static str {
        match kind {
            ProcedureKind::Immediate => self.of("即办件", "decided on the spot or on the same day"),
            ProcedureKind::Promised => self.of("承诺件", "decided within a promised term"),
            ProcedureKind::Forwarded => self.of("上报件", "examined here, decided at a higher level"),
            ProcedureKind::Joint => self.of("联办件", "handled by several departments together"),
            ProcedureKind::AnnualInspection => self.of("年检", "yearly inspection"),
            ProcedureKind::Recorded => self.of("仅作记录", "recorded, not decided"),
        }
    }

    fn special(self, kind: SpecialKind) -> &'static str {
        match kind {
            SpecialKind::Hearing => self.of("听证", "hearing"),
            SpecialKind::Bidding => self.of("招标", "bidding"),
            SpecialKind::Auction => self.of("拍卖", "auction"),
            SpecialKind::Inspection => self.of("检验", "inspection"),
            SpecialKind::Testing => self.of("检测", "testing"),
            SpecialKind::Quarantine => self.of("检疫", "quarantine"),
            SpecialKind::Appraisal => self.of("鉴定", "appraisal"),
            SpecialKind::ExpertReview => self.of("专家评审", "review by experts"),
            SpecialKind::PublicNotice => self.of("公示", "public notice"),
            SpecialKind::Other => self.of("其他", "another one"),
        }
    }

    fn window_form(self, form: WindowForm) -> &'static str {
        match form {
            WindowForm::ApprovalOffice => self.of("审批办", "approval office"),
            WindowForm::Reception => self.of("受理窗口", "reception window"),
            WindowForm::Rotating => self.of("轮流值班窗口", "rotating window"),
            WindowForm::AnnualInspection => self.of("年检窗口", "annual inspection window"),
            WindowForm::Bank => self.of("银行窗口", "bank window"),
            WindowForm::Intermediary => self.of("中介窗口", "intermediary's window"),
        }
    }

    fn role(self, role: Role) -> &'static str {
        match role {
            Role::Clerk => self.of("窗口人员", "clerk"),
            Role::Handler => self.of("承办人", "handler"),
            Role::Reviewer => self.of("审核人", "reviewer"),
            Role::Approver => self.of("批准人", "approver"),
            Role::AuthorityHead => self.of("行政机关负责人", "head of the authority"),
            Role::GovernmentHead => self.of("本级人民政府负责人", "head of the government"),
            Role::Cashier => self.of("收费员", "cashier"),
            Role::Supervisor => self.of("监察人员", "supervisor"),
            Role::Director => self.of("中心主任", "director of the centre"),
            Role::Applicant => self.of("申请人", "applicant"),
            Role::Agent => self.of("代办员", "agent"),
            Role::Timekeeper => self.of("计时系统", "timekeeper"),
            Role::Importer => self.of("导入系统", "importer"),
        }
    }

    fn rating_point(self, point: RatingPoint) -> &'static str {
        match point {
            RatingPoint::Submission => self.of("提交申请", "handing in the application"),
            RatingPoint::Correction => self.of("补正材料", "handing in missing material"),
            RatingPoint::Decision => self.of("告知决定", "the decision"),
            RatingPoint::Collection => self.of("领取证照", "collecting the certificate"),
        }
    }

    fn silence(self, silence: DecisionSilence) -> &'static str {
        match silence {
            DecisionSilence::Granted => self.of("视为准予", "counts as granted"),
            DecisionSilence::Refused => self.of("视为不予准许", "counts as refused"),
        }
    }

    fn join(self, join: Join, branches: usize) -> String {
        match join {
            Join::All => self.of("全部办结", "all must answer").to_owned(),
            Join::Any => self.of("任一办结", "one must answer").to_owned(),
            Join::Quorum(count) => match self {
                Self::Zh => format!("{branches}项中{count}项办结"),
                Self::En => format!("{count} of {branches} must answer"),
            },
        }
    }
}

/// A text as HTML or SVG: nothing in it can become a tag or leave an attribute.
///
/// ```
/// assert_eq!(guichet_catalogue::escape("<b>Food & drink"), "&lt;b&gt;Food &amp; drink");
/// ```
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // What XML does not allow.
            c if c.is_control() && c != '\n' && c != '\t' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_written_in_words() {
        assert_eq!(Lang::En.term(Term::WorkingDays(1)), "1 working day");
        assert_eq!(Lang::Zh.term(Term::CalendarDays(30)), "30日（自然日）");
        assert_eq!(Lang::En.term(Term::WorkingDays(0)), "the same day");
    }

    #[test]
    fn fen_become_yuan_without_rounding() {
        assert_eq!(Lang::En.yuan(14_805), "148.05 yuan");
        assert_eq!(Lang::Zh.yuan(u64::MAX), "184467440737095516.15元");
    }

    #[test]
    fn markup_in_a_name_stays_text() {
        assert_eq!(
            escape("<a href='x'>\"&\u{7}"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp; "
        );
    }
}
