"""What does each fact lead to? One page: read it, and you have read the flow.

NOW    reactions in the same transaction, each in a savepoint: what fails here is owed, and never takes the fact with it
SOON   jobs, deferred in the same transaction
SHOWN  what of the screens changes: each call renders fragments, once for a force, and the live stream carries them

There are no conditions here: a condition is a rule of the room that is called.
"""

from watchroom.assessment import actions as risk
from watchroom.assessment import facts as assessment
from watchroom.contacts import facts as contacts
from watchroom.contacts import speaking
from watchroom.contacts.answerphone import actions as answerphone
from watchroom.contacts.callbacks import actions as callbacks
from watchroom.demand import actions as demand
from watchroom.desk import handler_live as handler_desk
from watchroom.desk import supervisor_live as supervisor
from watchroom.desk import trays_live as trays
from watchroom.dispatch import facts as dispatch
from watchroom.dispatch import live as board
from watchroom.duties import facts as duties
from watchroom.identity import actions as identity
from watchroom.identity import facts as people
from watchroom.identity.lost import actions as lost
from watchroom.identity.lost import live as ring_backs
from watchroom.identity.research import actions as research
from watchroom.incidents import actions as incidents
from watchroom.incidents import clocks, parties, proposals
from watchroom.incidents import facts as incident
from watchroom.incidents import live as log
from watchroom.links.eisec_aml import actions as locations
from watchroom.links.email import actions as mailbox
from watchroom.links.email import facts as mail
from watchroom.links.email import live as replies
from watchroom.links.forces import actions as crossing
from watchroom.links.records import actions as records
from watchroom.links.social import facts as social
from watchroom.links.social import live as social_live
from watchroom.links.social import publishing
from watchroom.links.texts import actions as telephone
from watchroom.referrals import actions as referrals
from watchroom.referrals import facts as forces
from watchroom.referrals.forces import live as between
from watchroom.referrals.forces import receiving, sending
from watchroom.resolution import actions as resolutions
from watchroom.resolution import afterwards, keeping
from watchroom.resolution import facts as resolution
from watchroom.resolution import live as resolving
from watchroom.resolution.quality import actions as quality

NOW = {
    contacts.ContactArrived: (identity.observe, lost.notice, afterwards.notice_repeat, locations.notice),
    contacts.CallerNamed: (identity.observe,),
    contacts.PlacePicked: (identity.observe, lost.notice, incidents.follow_place, afterwards.notice_repeat),
    people.PersonConfirmed: (lost.notice, afterwards.notice_repeat, parties.follow_person),
    people.PersonRejected: (lost.notice, parties.follow_person, research.follow_rejected),
    incident.IncidentOpened: (parties.follow_person,),
    contacts.LineWritten: (risk.notice_words, clocks.notice_news),
    contacts.ContactEnded: (risk.notice_cut_off, clocks.notice_news, speaking.follow_end, crossing.follow_end),
    contacts.MessageLeft: (risk.notice_message,),
    contacts.ContactAbandoned: (risk.notice_lost,),
    contacts.SoundHeard: (risk.notice_sound,),
    contacts.CallbackOffered: (lost.guard,),
    contacts.ContactAnswered: (receiving.follow_answer,),
    assessment.CueHeard: (clocks.notice_news,),
    assessment.RiskSaved: (clocks.notice_look,),
    assessment.NothingHeardJudged: (clocks.notice_look,),
    assessment.RiskReassessed: (clocks.notice_look,),
    incident.ContactInvolved: (clocks.notice_news, parties.follow_person),
    duties.DutyOverdue: (
        answerphone.climb,
        speaking.climb,
        callbacks.climb,
        lost.climb,
        proposals.notice_overdue,
        keeping.climb,
        quality.climb,
        referrals.climb,
        sending.climb,
        demand.climb,
        mailbox.climb,
        publishing.climb,
        telephone.climb,
    ),
    incident.GradeDecided: (proposals.overtake, resolutions.overtake),
    incident.IncidentReopened: (resolutions.overtake,),
    incident.IncidentAttended: (proposals.overtake, keeping.attended),
}

SOON = {
    incident.GradeDecided: (referrals.notice,),
    incident.IncidentClosed: (referrals.notice,),
    incident.PartyNamed: (referrals.notice,),
    people.PersonConfirmed: (referrals.notice,),
    people.ResearchAsked: (records.begin,),
    forces.HandedToForce: (crossing.begin,),
    forces.HandoverRecalled: (crossing.begin,),
    forces.HandoverAnswered: (crossing.tell_back,),
}

SHOWN = {
    contacts.ContactArrived: (handler_desk.ringing,),
    contacts.PlacePicked: (handler_desk.who,),
    contacts.CallerNamed: (handler_desk.who,),
    assessment.QuestionAnswered: (log.asked, handler_desk.asked),
    assessment.CueHeard: (board.job_of_contact, handler_desk.judged),
    contacts.LineWritten: (log.line_of_contact, board.job_of_contact, handler_desk.line, handler_desk.spoken),
    contacts.ChatWentQuiet: (handler_desk.chat_changed,),
    contacts.ChatCameBack: (handler_desk.ringing, handler_desk.chat_changed),
    contacts.ChatLookedAt: (handler_desk.chat_changed,),
    contacts.ChatPassedOn: (handler_desk.chat_changed,),
    contacts.MessageLeft: (handler_desk.ringing,),
    contacts.MessageListened: (handler_desk.ringing, handler_desk.call),
    contacts.FileAttached: (log.file, handler_desk.line),
    contacts.FileRemoved: (log.file, handler_desk.line),
    contacts.StageReached: (handler_desk.ringing, handler_desk.offered, handler_desk.staged),
    contacts.ContactAnswered: (board.job_of_contact, handler_desk.ringing, handler_desk.offered, handler_desk.call),
    contacts.ContactEnded: (board.job_of_contact, handler_desk.call, handler_desk.chat_changed, handler_desk.hung_up),
    incident.IncidentOpened: (board.job, handler_desk.moved),
    incident.ContactInvolved: (board.job,),
    incident.IncidentRetyped: (board.job, handler_desk.moved),
    incident.HeadlinePinned: (board.job, resolving.waiting, handler_desk.headline),
    incident.IncidentMoved: (board.job, handler_desk.moved),
    incident.GradeDecided: (board.job, resolving.waiting, log.decision, handler_desk.graded),
    incident.LessAsked: (board.job, log.proposal),
    incident.LessAnswered: (board.job, log.proposal),
    incident.AttendanceDelayed: (board.job,),
    incident.IncidentReopened: (board.job, resolving.waiting, handler_desk.moved),
    incident.NewsCame: (board.job,),
    incident.EntryWritten: (log.line_of_incident, handler_desk.line),
    incident.EvidenceNoted: (log.evidence, board.job_of_contact, handler_desk.evidence),
    incident.EvidenceSettled: (log.evidence, board.job_of_contact, handler_desk.evidence),
    incident.IncidentAttended: (board.job,),
    incident.IncidentClosed: (board.job, resolving.waiting, handler_desk.moved),
    dispatch.UnitAssigned: (board.job, handler_desk.units),
    dispatch.UnitEnRoute: (board.job, handler_desk.units),
    dispatch.UnitArrived: (board.job, handler_desk.units),
    dispatch.UnitCleared: (board.job, handler_desk.units),
    resolution.ResolvedWithoutDeployment: (resolving.waiting,),
    resolution.PromiseMade: (resolving.promise,),
    resolution.PromiseTried: (resolving.promise,),
    resolution.PromiseMoved: (resolving.promise,),
    resolution.PromiseMissed: (resolving.promise,),
    resolution.PromiseKept: (resolving.promise,),
    resolution.FollowedUp: (resolving.promise,),
    resolution.InvestigationBegun: (resolving.waiting,),
    resolution.InvestigationReviewed: (resolving.waiting,),
    resolution.InvestigationFinished: (resolving.waiting,),
    resolution.ResolutionOvertaken: (resolving.waiting,),
    resolution.RepeatAfterResolution: (resolving.again, handler_desk.headline_of_contact),
    dispatch.UnitStatusChanged: (board.unit,),
    contacts.CallbackAgreed: (handler_desk.ringing, handler_desk.offered, handler_desk.call),
    contacts.CallbackClosed: (handler_desk.ringing, handler_desk.offered, handler_desk.call),
    contacts.ContactAbandoned: (handler_desk.ringing, handler_desk.offered, handler_desk.call),
    contacts.AttentionRaised: (handler_desk.ringing,),
    contacts.ContactLocated: (handler_desk.ringing, handler_desk.call),
    contacts.ContactGivenBack: (handler_desk.ringing, handler_desk.offered),
    forces.HandedToForce: (handler_desk.crossed, between.stir),
    forces.ForceReached: (handler_desk.crossed, between.stir),
    forces.ForceNotReached: (handler_desk.crossed, between.stir),
    forces.HandoverRecalled: (handler_desk.crossed, between.stir),
    forces.ForceAnswered: (handler_desk.crossed, between.stir),
    forces.HandoverKept: (handler_desk.crossed, between.stir),
    forces.HandoverCame: (handler_desk.ringing, between.stir),
    forces.MoreCrossed: (handler_desk.crossed,),
    forces.MoreCame: (handler_desk.ringing, between.stir, between.reading),
    forces.HandoverAnswered: (between.stir, between.reading),
    forces.HandoverWithdrawn: (between.stir, between.reading),
    contacts.ContactReached: (board.job_of_contact, handler_desk.call),
    contacts.ContactWrapped: (handler_desk.call,),
    duties.DutyOpened: (handler_desk.owes,),
    duties.DutySettled: (handler_desk.owes,),
    contacts.WayMarked: (handler_desk.call, handler_desk.ringing),
    contacts.LanguageSaid: (handler_desk.call, handler_desk.ringing),
    contacts.PartnerAsked: (handler_desk.call,),
    contacts.PartnerLetGo: (handler_desk.call,),
    mail.ReplySent: (replies.stir,),
    mail.ReplyFailed: (replies.stir,),
    mail.ReplyDoubted: (replies.stir,),
    mail.ReplySettled: (replies.stir,),
    social.SocialReplySent: (social_live.stir,),
    social.SocialReplyFailed: (social_live.stir,),
    social.SocialReplyDoubted: (social_live.stir,),
    social.SocialReplySettled: (social_live.stir,),
    social.PostWritten: (social_live.stir,),
    social.PostApproved: (social_live.stir,),
    social.PostDeclined: (social_live.stir,),
    social.PostSent: (social_live.stir,),
    social.PostFailed: (social_live.stir,),
    social.PostDoubted: (social_live.stir,),
    social.PostSettled: (social_live.stir,),
    social.PostWithdrawn: (social_live.stir,),
    social.PostTakenDown: (social_live.stir,),
    assessment.ElementAnswered: (board.job_of_contact, handler_desk.judged),
    assessment.RiskSaved: (board.job_of_contact, handler_desk.risk_saved),
    assessment.NothingHeardJudged: (board.job_of_contact, handler_desk.risk_saved),
    people.PersonConfirmed: (handler_desk.who,),
    people.PersonRejected: (handler_desk.who,),
    people.ResearchAsked: (handler_desk.researched,),
    people.ResearchAnswered: (handler_desk.researched,),
    people.ResearchFailed: (handler_desk.researched,),
    people.ResearchNotNeeded: (handler_desk.researched,),
    people.ResearchTakenIn: (handler_desk.researched,),
    people.ResearchNotThem: (handler_desk.researched,),
    people.ResearchReopened: (handler_desk.researched,),
    people.MarkerAdded: (handler_desk.flagged, board.flagged),
    people.MarkerCorrected: (handler_desk.flagged, board.flagged),
    people.MarkerConfirmed: (handler_desk.flagged,),
    people.MarkerChallenged: (handler_desk.flagged,),
    people.MarkerKept: (handler_desk.flagged,),
    people.MarkerRemoved: (handler_desk.flagged, board.flagged),
}

# A supervisor's panels are summaries of many rows: each of these facts only tells her screen to look again.
for _fact in supervisor.STIRRED_BY:
    SHOWN[_fact] = (*SHOWN.get(_fact, ()), supervisor.stir)

# So are the lists of those to be rung back, and of what lies in the digital trays.
for _list in (ring_backs, trays):
    for _fact in _list.STIRRED_BY:
        SHOWN[_fact] = (*SHOWN.get(_fact, ()), _list.stir)
