//! The closed sets of codes that the events of a case speak in: opinions, grounds, verdicts, outcomes, levels.

use crate::code::codes;

pub use crate::policy::SuspensionGround;

codes! {
    /// How an application reached the centre.
    Channel("channel") {
        /// At a window.
        Window = "window",
        /// Through the web.
        Online = "online",
        /// By post.
        Post = "post",
        /// Through an agent (代办).
        Agent = "agent",
        /// From another authority.
        Internal = "internal",
    }
}

codes! {
    /// What a department answers.
    Opinion("opinion") {
        /// Agreed.
        Agree = "agree",
        /// Not agreed, with reasons.
        Disagree = "disagree",
        /// Agreed, but the central authority must be asked.
        AgreeButForward = "agree_but_forward",
    }
}

codes! {
    /// Why a member counts as having consented.
    ConsentGround("ground of deemed consent") {
        /// It did not answer in time (超时默认).
        Timeout = "timeout",
        /// It did not come to the joint meeting or inspection (缺席默认).
        Absence = "absence",
        /// It disagreed without reasons.
        NoReason = "no_reason",
        /// It answered in a form that does not count.
        InvalidForm = "invalid_form",
    }
}

codes! {
    /// What the lead does with a reasoned disagreement.
    Resolution("resolution of a disagreement") {
        /// Goes on, and owes the member its reasons.
        Approve = "approve",
        /// Says no for the group.
        Refuse = "refuse",
    }
}

codes! {
    /// How a case ended.
    Outcome("outcome") {
        /// The application was granted (准予).
        Granted = "granted",
        /// Granted while some material was still promised (容缺通过).
        GrantedWithGaps = "granted_with_gaps",
        /// Refused (不予).
        Refused = "refused",
        /// Silence of the authority counted as a grant.
        DeemedGranted = "deemed_granted",
        /// Silence of the authority counted as a refusal.
        DeemedRefused = "deemed_refused",
        /// Not taken in: outside the authority's competence (不予受理).
        NotAccepted = "not_accepted",
        /// Not taken in: nothing needs to be licensed (不受理).
        NoLicenceNeeded = "no_licence_needed",
        /// Taken back by the applicant (撤回).
        Withdrawn = "withdrawn",
        /// Ended by the authority: the applicant is silent, or the object is gone (终止).
        Terminated = "terminated",
        /// Ended because a correction never came.
        Lapsed = "lapsed",
        /// Taken back by the authority after the decision (撤销).
        Revoked = "revoked",
    }
}

impl Outcome {
    /// Whether the case was decided on its merits, by a person or by silence.
    #[must_use]
    pub const fn is_decision(self) -> bool {
        match self {
            Self::Granted
            | Self::GrantedWithGaps
            | Self::Refused
            | Self::DeemedGranted
            | Self::DeemedRefused => true,
            Self::NotAccepted
            | Self::NoLicenceNeeded
            | Self::Withdrawn
            | Self::Terminated
            | Self::Lapsed
            | Self::Revoked => false,
        }
    }

    /// Whether the applicant got what was asked for.
    #[must_use]
    pub const fn is_grant(self) -> bool {
        match self {
            Self::Granted | Self::GrantedWithGaps | Self::DeemedGranted => true,
            Self::Refused
            | Self::DeemedRefused
            | Self::NotAccepted
            | Self::NoLicenceNeeded
            | Self::Withdrawn
            | Self::Terminated
            | Self::Lapsed
            | Self::Revoked => false,
        }
    }
}

codes! {
    /// What a person decides on an application.
    Verdict("verdict") {
        /// Granted.
        Granted = "granted",
        /// Granted while some material is still promised.
        GrantedWithGaps = "granted_with_gaps",
        /// Refused.
        Refused = "refused",
    }
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Granted => Self::Granted,
            Verdict::GrantedWithGaps => Self::GrantedWithGaps,
            Verdict::Refused => Self::Refused,
        }
    }
}

codes! {
    /// How long before its due date a decision came.
    Timeliness("timeliness") {
        /// Before the last day of the promise.
        Early = "early",
        /// On the last day of the promise.
        OnTime = "on_time",
        /// Past the promise, inside the statute.
        Overdue = "overdue",
        /// Past the statute.
        Illegal = "illegal",
        /// The case has no term that it could be measured by.
        Unmeasured = "unmeasured",
    }
}

codes! {
    /// A clock of a case, by what it measures.
    ClockKind("clock") {
        /// From submission to the intake decision.
        Intake = "intake",
        /// From acceptance to the decision, by law.
        Statutory = "statutory",
        /// From acceptance to the decision, as promised.
        Promised = "promised",
        /// One step.
        Step = "step",
        /// A parallel group.
        Group = "group",
        /// From the decision to the certificate.
        Delivery = "delivery",
        /// The applicant's time for a correction.
        Correction = "correction",
        /// A special procedure, as long as it was announced.
        Special = "special",
        /// The time to put a bad rating right.
        Rectification = "rectification",
        /// A complaint.
        Complaint = "complaint",
    }
}

codes! {
    /// How satisfied an applicant was (好差评).
    Satisfaction("level of satisfaction") {
        /// 非常满意.
        VerySatisfied = "very_satisfied",
        /// 满意.
        Satisfied = "satisfied",
        /// 基本满意.
        BasicallySatisfied = "basically_satisfied",
        /// 不满意.
        Dissatisfied = "dissatisfied",
        /// 非常不满意.
        VeryDissatisfied = "very_dissatisfied",
    }
}

impl Satisfaction {
    /// Whether this is a bad rating (差评), which has to be put right.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        match self {
            Self::Dissatisfied | Self::VeryDissatisfied => true,
            Self::VerySatisfied | Self::Satisfied | Self::BasicallySatisfied => false,
        }
    }
}

codes! {
    /// How an applicant judges what was done about a bad rating.
    RectificationLevel("judgement of a rectification") {
        /// Satisfied with it.
        Satisfied = "satisfied",
        /// Partly.
        Partly = "partly",
        /// Not at all.
        Dissatisfied = "dissatisfied",
    }
}

codes! {
    /// How a complaint ended.
    ComplaintFinding("finding on a complaint") {
        /// It was right.
        Upheld = "upheld",
        /// It was not.
        Unfounded = "unfounded",
        /// It was taken back.
        Withdrawn = "withdrawn",
    }
}
