//! The rules of findings (异常规则), as data: what each is called, how much it weighs, what can be set, where it comes from.

use serde::{Deserialize, Serialize};

use guichet_catalogue::LoadError;
use guichet_core::lang::Lang;

guichet_core::codes! {
    /// How much a finding weighs. Later ones weigh more.
    Severity("severity") {
        /// Worth a look.
        Notice = "notice",
        /// Asks for an explanation.
        Warning = "warning",
        /// Breaks the law or the record.
        Serious = "serious",
    }
}

impl Severity {
    /// Its name.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Notice, Lang::Zh) => "提示",
            (Self::Warning, Lang::Zh) => "警告",
            (Self::Serious, Lang::Zh) => "严重",
            (Self::Notice, Lang::En) => "notice",
            (Self::Warning, Lang::En) => "warning",
            (Self::Serious, Lang::En) => "serious",
        }
    }
}

/// The version of the form in which rules are written: 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct FormVersion;

impl TryFrom<u16> for FormVersion {
    type Error = String;

    fn try_from(version: u16) -> Result<Self, String> {
        if version == 1 {
            Ok(Self)
        } else {
            Err(format!(
                "finding rules of version {version} are not known here; expected version 1"
            ))
        }
    }
}

impl From<FormVersion> for u16 {
    fn from(_: FormVersion) -> Self {
        1
    }
}

/// One thing about a rule that can be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Its name in a rule file.
    pub name: &'static str,
    /// What it is set to.
    pub value: String,
    /// What it is set to where nothing is said.
    pub default: String,
    /// What it means, in Chinese.
    pub zh: &'static str,
    /// What it means, in English.
    pub en: &'static str,
}

/// Defines the rules: their ids, their words, and for each a struct of what can be set.
macro_rules! rules {
    ($($id:ident = $code:literal ($field:ident, $severity:ident, $source:literal)
        $zh:literal $zh_why:literal $en:literal $en_why:literal
        { $($name:ident: $type:ty = $default:literal, $pzh:literal, $pen:literal;)* }
    )+) => {
        guichet_core::codes! {
            /// A rule, by its id.
            RuleId("finding rule") {
                $(#[doc = $en] $id = $code,)+
            }
        }

        $(
            #[doc = concat!("What can be set of rule ", $code, ": ", $en, ".")]
            #[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
            #[serde(deny_unknown_fields, default)]
            pub struct $id {
                /// Whether the rule is left out.
                pub off: bool,
                /// How much its findings weigh.
                pub severity: Severity,
                $(#[doc = concat!("In words: ", $pen, ".")] pub $name: $type,)*
            }

            impl Default for $id {
                fn default() -> Self {
                    Self { off: false, severity: Severity::$severity, $($name: $default,)* }
                }
            }
        )+

        /// What is set of each rule.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Settings {
            $(#[doc = concat!("Of rule ", $code, ".")] #[serde(rename = $code)] pub $field: $id,)+
        }

        impl RuleId {
            /// Its name.
            #[must_use]
            pub const fn name(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$id, Lang::Zh) => $zh, (Self::$id, Lang::En) => $en,)+
                }
            }

            /// When it fires, in a sentence.
            #[must_use]
            pub const fn explanation(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$id, Lang::Zh) => $zh_why, (Self::$id, Lang::En) => $en_why,)+
                }
            }

            /// Where it comes from.
            #[must_use]
            pub const fn source(self) -> &'static str {
                match self { $(Self::$id => $source,)+ }
            }
        }

        impl Settings {
            /// How much findings of a rule weigh; none where it is left out.
            #[must_use]
            pub const fn severity(&self, rule: RuleId) -> Option<Severity> {
                match rule {
                    $(RuleId::$id => if self.$field.off { None } else { Some(self.$field.severity) },)+
                }
            }

            /// What can be set of a rule, and what it is set to.
            #[must_use]
            pub fn parameters(&self, rule: RuleId) -> Vec<Parameter> {
                match rule {
                    $(RuleId::$id => vec![$(Parameter {
                        name: stringify!($name),
                        value: self.$field.$name.to_string(),
                        default: <$type as ToString>::to_string(&$default),
                        zh: $pzh,
                        en: $pen,
                    }),*],)+
                }
            }
        }
    };
}

rules! {
    A1 = "A1" (a1, Warning, "electronic supervision ordinances (电子监察); Administrative License Law, art. 42")
        "超过承诺或法定时限" "作出决定（或仍未决定）时，按事项版本和日历计算，已超过承诺时限或法定时限。"
        "past the promised or the statutory limit" "The decision came, or has still to come, after the last day of the promise or of the law, as it is counted."
        { grace_days: u32 = 0, "超过几天以内不报", "how many days over are let pass"; }
    A2 = "A2" (a2, Warning, "electronic supervision ordinances (环节超时)")
        "环节超时" "一个环节或并联组超过自己的时限，无论整个办件是否按时。"
        "step past its own limit" "A step, or a parallel group, took longer than its own term, whether or not the case is in time."
        { grace_days: u32 = 0, "超过几天以内不报", "how many days over are let pass"; }
    A3 = "A3" (a3, Warning, "electronic supervision ordinances; Administrative License Law, art. 43")
        "下级上报超时" "上报件自受理起，超过规定的工作日仍未完成初审上报。"
        "lower level forwarded late" "An item that a higher level decides was not examined and sent up within so many working days of its acceptance."
        { within_days: u32 = 20, "几个工作日内上报", "within how many working days it is sent up"; }
    A4 = "A4" (a4, Serious, "electronic supervision ordinances; Administrative License Law, arts 32, 38")
        "不予受理或不予许可未说明理由" "不予受理、不受理或不予许可，没有写明理由。"
        "refused without reasons" "An application was not taken in, or was refused, and no reasons are recorded."
        { characters_min: u32 = 2, "理由至少几个字", "how many letters reasons have at least"; }
    A5 = "A5" (a5, Serious, "electronic supervision ordinances; Administrative License Law, art. 32")
        "符合条件不予受理" "材料齐全（补正后确认齐全，或不久后同一申请又被受理）却不予受理或告知不受理，或受理期限过后没有任何答复。"
        "application that meets the conditions not accepted" "All required material was there, and the application was turned away although it had been found complete or was soon accepted after all; or it lay beyond the intake term without an answer."
        { grace_days: u32 = 0, "受理期限过后几天以内不报", "how many days after the intake term are let pass";
          again_days: u32 = 30, "几天以内又被受理", "within how many days it was accepted after all"; }
    A6 = "A6" (a6, Serious, "electronic supervision ordinances (违规收费)")
        "超范围或超标准收费" "通知或收取的费用不在公布的目录内，或金额与公布的标准不同。"
        "fee outside the published list or standard" "A fee was told or taken that the item version does not list, or with another amount than the published one."
        { tolerance_fen: u32 = 0, "金额相差几分以内不报", "how many fen of difference are let pass"; }
    A7 = "A7" (a7, Warning, "electronic supervision ordinances (不按规定实施网上审批)")
        "体外办理" "有流程的事项没有任何环节意见就作出决定，或记录了流程之外的办理，或由他人代录意见。"
        "handled outside the system" "An item with a flow was decided without any opinion on record, something was done that its flow does not know, or one person entered what another is said to have decided."
        { opinions_min: u32 = 1, "决定前至少几个环节意见", "how many opinions there are at least before the decision"; }
    A8 = "A8" (a8, Serious, "supervision queries of a public construction-approval system")
        "重复受理或重复办结" "同一办件在没有重新办理的情况下再次受理、再次决定或再次办结。"
        "accepted or completed more than once" "A case was accepted, decided or completed again without having been opened again."
        {}
    A9 = "A9" (a9, Warning, "supervision queries of a public construction-approval system")
        "补正或特别程序未闭合" "办结时补正、特别程序或中止仍未结束，或同时有两个，或没有开始就结束。"
        "correction or special procedure not closed" "A correction, special procedure or suspension was open when the case was completed, was open twice at a time, or ended without having begun."
        {}
    A10 = "A10" (a10, Notice, "electronic supervision ordinances (数据报送不全)")
        "数据报送不全" "办结的办件缺少事项版本要求的记录：受理、决定、证件、送达、评价机会或要素。"
        "data report incomplete" "A completed case lacks what its item version asks for: acceptance, decision, certificate, delivery, an occasion for a rating, or facts."
        { certificate: bool = true, "要求有证件", "whether a certificate is asked for";
          delivery: bool = true, "要求有送达", "whether a delivery is asked for";
          rating: bool = true, "要求有评价机会", "whether an occasion for a rating is asked for";
          facts: bool = true, "要求有流程条件所需要素", "whether the facts are asked for that the flow chooses by"; }
    A11 = "A11" (a11, Warning, "practice of electronic supervision (线下审批、事后补录)")
        "事后补录审批" "审批意见、受理、决定或证件的登记时间远晚于发生时间。"
        "approval entered afterwards" "An acceptance, an opinion, a decision or a certificate was recorded long after it happened."
        { late_hours: u32 = 24, "晚几小时以上", "from how many hours on it is late"; }
    B1 = "B1" (b1, Warning, "Administrative License Law, art. 32 (一次性告知); house")
        "补正告知不规范" "第二次及以后的补正告知，或在受理期限最后一天（及以后）才告知补正。"
        "not one correction notice in good time" "A second or later correction notice, or one on the last day of the intake term or after it."
        { notices_max: u32 = 1, "最多几次", "how many notices there may be";
          last_day: bool = true, "是否报告最后一天的告知", "whether a notice on the last day is told"; }
    B2 = "B2" (b2, Serious, "house; published catalogue")
        "要求目录外材料" "补正告知要求的材料不在该事项版本公布的材料目录内。"
        "correction asks for unlisted material" "A correction notice asks for material that the item version does not list."
        {}
    B3 = "B3" (b3, Warning, "house; Administrative License Law, art. 32")
        "材料不全而受理" "受理时缺少必需材料，也没有容缺受理的承诺。"
        "accepted without required material" "The application was accepted while required material was missing, without a promise that it follows."
        {}
    B4 = "B4" (b4, Warning, "house")
        "倒签日期或集中录入" "法律上的日期早于登记日期超过允许天数，或同一办件在几秒内集中录入多项办理。"
        "backdated or entered in a burst" "The day in law lies too many days before the day of the record, or many acts on one case were entered within seconds."
        { days_max: u32 = 1, "允许相差几天", "how many days may lie between";
          burst_events: u32 = 5, "几项办理算集中录入", "how many acts make a burst";
          burst_seconds: u32 = 5, "在几秒之内", "within how many seconds"; }
    B5 = "B5" (b5, Warning, "Administrative License Law, art. 45; house")
        "特别程序不规范" "特别程序在期限将满时才开始、超过告知的时间、没有书面告知、没有结果，或该事项版本不允许。"
        "special procedure out of order" "A special procedure began when little time was left, took longer than announced, was not told in writing, left no result, or is not allowed by the item version."
        { days_left_min: u32 = 3, "开始时至少还剩几天", "how many days are left at least when it begins"; }
    B6 = "B6" (b6, Notice, "house")
        "暂停比例异常" "某承办人经办的某事项，扣除时间占跨度时间的比例远高于其他承办人。"
        "share of suspended time out of the ordinary" "Of one handler's cases of an item, far more time was left out than of those of all others."
        { cases_min: u32 = 5, "至少几件", "of how many cases at least";
          share_percent_min: u32 = 30, "比例至少百分之几", "from which share on, in percent";
          times_norm: u32 = 2, "至少是其他人的几倍", "how many times the share of the others at least"; }
    B7 = "B7" (b7, Warning, "house")
        "反复移送" "同一办件在同一对窗口之间反复移送，或在决定期限最后一天移送。"
        "to and fro between two windows" "A file went between the same two windows again and again, or was sent on on the last day."
        { transfers_min: u32 = 3, "同一对窗口几次", "how many times between the same two windows";
          last_day: bool = true, "是否报告最后一天的移送", "whether a transfer on the last day is told";
          last_day_of_min: u32 = 3, "期限至少几个工作日时才报告", "of how many working days a term has at least, for its last day to be told"; }
    B8 = "B8" (b8, Serious, "house; 四眼原则")
        "一人包办" "同一人承办、审核并批准，或违反流程规定的不同人办理。"
        "one person did it all" "One person handled and approved, or did two steps for which the flow wants two people."
        {}
    B9 = "B9" (b9, Serious, "Administrative License Law, art. 42")
        "违规延期" "延期由无权的人批准、在期满后批准、超过次数或长度，或该事项不能延期。"
        "extension out of order" "More time was granted by the wrong level, after the term, too often, for too long, or where the item knows none."
        {}
    B10 = "B10" (b10, Notice, "house")
        "受理即办结" "承诺件受理后一分钟内即作出决定，或预审时间很长而受理、决定在同一天。"
        "decided as soon as accepted" "A promised item was decided within a minute of its acceptance, or after long advice was accepted and decided on one day."
        { seconds: u32 = 60, "几秒以内", "within how many seconds";
          precheck_days: u32 = 10, "预审多少个工作日算长", "how many working days of advice are long"; }
    B11 = "B11" (b11, Warning, "house")
        "到期前撤件再报" "申请在到期前后由申请人撤回，不久又重新提交。"
        "withdrawn before the limit and handed in again" "An application was withdrawn when its limit was near or past, and soon handed in again."
        { days_left_max: u32 = 1, "撤回时剩余几天以内", "how many days were left at most";
          resubmit_days: u32 = 30, "几天以内重新提交", "within how many days it came again"; }
    B12 = "B12" (b12, Serious, "local ordinances on parallel approval (超时默认须证明送达); house")
        "默认同意无送达证明或过多" "并联成员被视为同意而没有送达证明或流程不允许，或某部门默认同意比例过高。"
        "deemed consent without proof of service, or too often" "A member counts as having consented without proof that it was notified, or where its silence must not count; or a department consents by silence too often."
        { consents_min: u32 = 5, "部门至少几次默认", "how many deemed consents of a department at least";
          share_percent_min: u32 = 50, "比例至少百分之几", "from which share of its answers on, in percent"; }
    B13 = "B13" (b13, Serious, "house; Administrative License Law, arts 45-48")
        "条件未齐即决定" "并联成员未全部答复、特别程序未结束，或费用减免在决定之后。"
        "decided before everything was closed" "The decision was made before all members had answered, before a special procedure ended, or before a fee was waived."
        {}
    B14 = "B14" (b14, Warning, "Administrative License Law, art. 44")
        "送达早于决定或超期" "证件在决定之前送达，或决定后超过送达期限。"
        "delivered before the decision or too late" "The certificate reached the applicant before the decision, or after the last day for its delivery."
        { within_days: u32 = 10, "事项没有送达期限时，几个工作日", "how many working days where the item sets no term"; }
    B15 = "B15" (b15, Warning, "house; rosters and roles of the directory")
        "超出岗位、窗口或值班表" "操作人不在册、已离职、没有该角色，或不在其窗口和当日值班表内。"
        "outside of role, window or roster" "Somebody acted who is not on the staff or has left, without the role, or at a window where they do not work on that day."
        {}
    B16 = "B16" (b16, Serious, "house")
        "日志断裂或时间倒流" "哈希链断裂、序号缺失，或登记时间倒流、发生时间晚于登记时间。"
        "broken log or clock running backwards" "A broken hash chain, a gap in the sequence, or a time of record that goes back or lies before what it records."
        { ahead_seconds: u32 = 300, "发生时间最多早到几秒", "by how many seconds a window's clock may be ahead"; }
    B17 = "B17" (b17, Warning, "Administrative License Law, art. 32(4)")
        "视为受理" "受理期限届满未答复，申请被视为受理。"
        "deemed acceptance" "The intake term passed without an answer, so the application counts as accepted."
        {}
    B18 = "B18" (b18, Warning, "国办发〔2019〕51号; house")
        "评价异常" "评价早于服务、集中评价、一人多评、工作人员自评、全好评、只评部分办件、差评被改或被本部门撤销。"
        "ratings out of the ordinary" "Ratings before the encounter, in bursts, many by one person, by staff, all of the best, only of some cases, changed after a call, or invalidated by the department that was rated."
        { quick_seconds: u32 = 10, "提供评价后几秒内算过快", "within how many seconds of the occasion a rating is quick";
          burst_ratings: u32 = 5, "几次过快评价算集中", "how many quick ratings make a burst";
          burst_minutes: u32 = 10, "在几分钟内", "within how many minutes";
          rater_a_day: u32 = 10, "一人一天几件", "how many cases one person rates on a day";
          window_min: u32 = 30, "窗口至少几次评价机会", "of how many occasions at a window at least";
          rated_percent: u32 = 98, "评价率至少百分之几", "from which share of occasions rated on, in percent";
          best_percent: u32 = 100, "最高评价至少百分之几", "from which share of the best level on, in percent";
          only_min: u32 = 10, "只评部分办件时至少几次", "how many ratings, and how many other occasions without any";
          call_hours: u32 = 24, "回访后几小时内", "within how many hours of a call"; }
}

/// The rules with what is set of each.
///
/// As a document: YAML, described by `schemas/finding-rules.v1.schema.json`. What is not written keeps its default.
///
/// ```
/// use guichet_audit::findings::{RuleId, Rules, Severity};
/// let rules: Rules = serde_json::from_str(r#"{"version": 1, "rules": {"B7": {"transfers_min": 4}, "A6": {"off": true}}}"#)?;
/// assert_eq!((rules.of().b7.transfers_min, rules.severity(RuleId::A6)), (4, None));
/// assert_eq!(rules.severity(RuleId::B7), Some(Severity::Warning));
/// assert!(serde_json::from_str::<Rules>(r#"{"version": 1, "rules": {"B7": {"transfer": 4}}}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    version: FormVersion,
    #[serde(default)]
    rules: Settings,
}

impl Rules {
    /// Rules with these settings.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self {
            version: FormVersion,
            rules: settings,
        }
    }

    /// Rules from a file.
    ///
    /// # Errors
    ///
    /// [`LoadError`] with line and column, such as for a rule or a parameter that is not known.
    ///
    /// ```
    /// use guichet_audit::findings::Rules;
    /// let error = Rules::read("ours.yaml", "version: 1\nrules:\n  B7: {transfer: 4}\n").err().ok_or("taken")?;
    /// assert!(error.to_string().starts_with("ours.yaml:3:8: "), "{error}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(file: &str, text: &str) -> Result<Self, LoadError> {
        guichet_catalogue::from_yaml(file, text)
    }

    /// What is set of each rule.
    #[must_use]
    pub const fn of(&self) -> &Settings {
        &self.rules
    }

    /// How much findings of a rule weigh; none where it is left out.
    #[must_use]
    pub const fn severity(&self, rule: RuleId) -> Option<Severity> {
        self.rules.severity(rule)
    }

    /// Every rule, as it is listed.
    #[must_use]
    pub fn listed(&self) -> Vec<ListedRule> {
        RuleId::ALL
            .iter()
            .map(|rule| ListedRule {
                id: *rule,
                severity: self.severity(*rule),
                name: BothLanguages::of(|lang| rule.name(lang).to_owned()),
                explanation: BothLanguages::of(|lang| rule.explanation(lang).to_owned()),
                source: rule.source(),
                parameters: self.rules.parameters(*rule),
            })
            .collect()
    }
}

/// A rule as programs read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedRule {
    /// Its id.
    pub id: RuleId,
    /// How much its findings weigh; none where it is left out.
    pub severity: Option<Severity>,
    /// Its name.
    pub name: BothLanguages,
    /// When it fires.
    pub explanation: BothLanguages,
    /// Where it comes from.
    pub source: &'static str,
    /// What can be set.
    pub parameters: Vec<Parameter>,
}

/// A text in the two languages of the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BothLanguages {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl BothLanguages {
    /// The text that `say` gives in each language.
    pub fn of(say: impl Fn(Lang) -> String) -> Self {
        Self {
            zh: say(Lang::Zh),
            en: say(Lang::En),
        }
    }

    /// The text in one of them.
    #[must_use]
    pub fn tell(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}
