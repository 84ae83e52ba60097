//! What is known of one connection.

use std::sync::Arc;

use tidegauge_prefetch::prefetch;

use super::{
    flow::Flow,
    inquiry::Inquiry,
    story::{Performance, Story, Wanted},
    tcp::Tcp,
};
use crate::{
    application::Recognised,
    inspection::{
        DnsAnswer, Finding, MAXIMUM_STREAM_BYTES, Stream, answer_from_message, first_message, is_hello, is_initial,
        is_question, is_request, question_id,
    },
    packet::{Packet, Segment},
    time::Instant,
};

const UDP: u8 = 17;

/// Payloads of each side that are looked into: who starts TLS in the middle (mail) talks a while before it.
const LOOKS: u8 = 16;
/// Questions of a connection that wait for their answers.
const MAXIMUM_QUESTIONS: usize = 8;

/// A connection with flows. What every packet needs comes first, in one line of the processor's cache.
#[derive(Default)]
#[repr(C, align(64))]
pub struct Connection {
    /// Flows that are being counted: of both directions, each as it came in and as it went out.
    pub flows: u16,
    /// Payloads of each side still to be looked into.
    looks: [u8; 2],
    /// Whether no payload has passed since the number of its first byte was seen.
    awaits_first_byte: [bool; 2],
    /// Whether there is an inquiry.
    is_inquiring: bool,
    /// Whether it is followed how TCP does.
    is_followed: bool,
    /// How it does.
    pub tcp: Tcp,
    first_bytes: [u32; 2],
    inquiry: Option<Box<Inquiry>>,
    wanted: Option<Arc<Wanted>>,
    /// Tells its uses apart: the place is used again.
    pub serial: u32,
    questions: Questions,
    /// Whether the DNS was asked something.
    has_questions: bool,
}

const _: () = assert!(size_of::<Connection>() == 320);

impl Connection {
    /// Begin to use the place, with one flow.
    pub fn begin(&mut self, serial: u32, wanted: Option<Arc<Wanted>>, is_looked_into: bool) {
        (self.flows, self.serial, self.is_followed) = (1, serial, false);
        (self.questions, self.has_questions) = (Questions::default(), false);
        self.looks = if is_looked_into && wanted.is_none() { [LOOKS; 2] } else { [0; 2] };
        self.wanted = wanted;
    }

    /// Follow how TCP does, from these flows on, one of `side` and one of the other.
    pub fn follow(&mut self, flow: Option<&Flow>, back: Option<&Flow>, side: usize) {
        self.is_followed = true;
        self.tcp.begin(flow, back, side);
    }

    /// Expect payload of a side to begin with a number, where that is known.
    pub fn await_first_byte(&mut self, side: usize, number: Option<u32>) {
        self.awaits_first_byte[side] = number.is_some();
        self.first_bytes[side] = number.unwrap_or_default();
    }

    /// Let go of what takes memory until the place is used again; what the client wanted.
    pub fn end(&mut self) -> Option<Arc<Wanted>> {
        self.serial = 0;
        self.give_up();
        self.tcp.forget_holes();
        self.wanted.take()
    }

    /// Fetch what is told in the end.
    pub fn foresee_end(&self, side: usize) {
        prefetch(&self.flows);
        prefetch(&self.serial);
        self.tcp.foresee_end(side);
    }

    /// What is to be told of a side's flow.
    pub fn tell(&mut self, side: usize) -> Option<Story> {
        let wanted = self.wanted.clone();
        let is_followed = self.is_followed;
        let performance =
            is_followed.then(|| Performance { handshake: self.tcp.handshake(), quality: self.tcp.take_quality(side) });
        let application =
            wanted.as_ref().and_then(|wanted| wanted.application).or(self.has_questions.then_some(Recognised::Dns));
        (application.is_some() || wanted.is_some() || is_followed).then_some(Story { wanted, application, performance })
    }

    /// Learn from a packet how TCP does.
    #[inline]
    pub fn observe(&mut self, side: usize, packet: &Packet, time: Instant) {
        if self.is_followed
            && let Some(segment) = &packet.segment
        {
            self.tcp.observe(side, packet, segment, time);
        }
    }

    /// Whether payloads of a side are still looked into.
    #[inline]
    pub fn has_looks(&self, side: usize) -> bool {
        self.looks[side] > 0
    }

    /// Look into a payload for what the client wants; whether an inquiry has begun that waits for more.
    pub fn look(&mut self, side: usize, packet: &Packet) -> bool {
        self.looks[side] -= 1;
        let had_inquiry = self.is_inquiring;
        match self.look_into(side, packet) {
            Finding::Found(wanted) => {
                self.wanted = Some(Arc::new(wanted));
                self.looks = [0; 2];
                self.give_up();
            }
            Finding::Unfinished if self.looks[side] > 0 => return !had_inquiry && self.is_inquiring,
            Finding::Unfinished | Finding::Nothing => self.give_up(),
        }
        false
    }

    /// Look at a payload as most are, at a glance: of TCP, the beginning of nothing, and nobody waits for it. False for all others.
    #[inline]
    pub fn glance(&mut self, side: usize, packet: &Packet) -> bool {
        let waits = self.is_inquiring || self.awaits_first_byte[side];
        let is_ordinary =
            !waits && packet.segment.is_some() && !is_hello(packet.payload) && !is_request(packet.payload);
        self.looks[side] -= u8::from(is_ordinary);
        is_ordinary
    }

    /// Wait no longer for the rest of a beginning.
    pub fn give_up(&mut self) {
        if std::mem::take(&mut self.is_inquiring) {
            self.inquiry = None;
        }
    }

    fn look_into(&mut self, side: usize, packet: &Packet) -> Finding<Wanted> {
        if self.is_inquiring
            && let Some(inquiry) = &mut self.inquiry
        {
            return if inquiry.side() == side { inquiry.proceed(packet) } else { Finding::Unfinished };
        }
        let (inquiry, finding) = match packet.segment {
            Some(segment) => self.begin_tcp_inquiry(side, &segment, packet.payload),
            None if packet.protocol == UDP && is_initial(packet.payload) => Inquiry::of_quic(side, packet.payload),
            None => return Finding::Nothing,
        };
        if let Some(inquiry) = inquiry {
            self.is_inquiring = true;
            self.inquiry = Some(Box::new(inquiry));
        }
        finding
    }

    fn begin_tcp_inquiry(
        &mut self,
        side: usize,
        segment: &Segment,
        payload: &[u8],
    ) -> (Option<Inquiry>, Finding<Wanted>) {
        if let Some(offset) = self.missing_before(side, segment.sequence) {
            return Inquiry::of_tcp(side, segment.sequence, offset, payload);
        }
        if is_hello(payload) || is_request(payload) {
            return Inquiry::of_tcp(side, segment.sequence, 0, payload);
        }
        (None, Finding::Unfinished)
    }

    /// How many bytes of a side are missing before its first payload, which may have overtaken the one before it.
    fn missing_before(&mut self, side: usize, sequence: u32) -> Option<usize> {
        if !std::mem::take(&mut self.awaits_first_byte[side]) {
            return None;
        }
        let offset = sequence.wrapping_sub(self.first_bytes[side]) as usize;
        (1..MAXIMUM_STREAM_BYTES).contains(&offset).then_some(offset)
    }

    /// Note what the client asks of the DNS.
    pub fn note_question(&mut self, message: &[u8]) {
        if let Some(id) = question_id(message) {
            self.questions.ask(id);
            self.has_questions |= is_question(message);
        }
    }

    /// Take the answers in a payload of the DNS that were asked for; others were sent to deceive. The flag tells whether an
    /// inquiry has begun that waits for more.
    pub fn take_answers(&mut self, side: usize, packet: &Packet) -> (Vec<DnsAnswer>, bool) {
        let mut answers = Vec::new();
        if self.questions.asked().is_empty() {
            self.give_up();
            return (answers, false);
        }
        let had_inquiry = self.is_inquiring;
        match packet.segment {
            None => self.take_answer(packet.payload, &mut answers),
            Some(segment) => self.take_stream(side, segment.sequence, packet.payload, &mut answers),
        }
        (answers, !had_inquiry && self.is_inquiring)
    }

    fn take_answer(&mut self, message: &[u8], answers: &mut Vec<DnsAnswer>) {
        if let Some(answer) = answer_from_message(message)
            && self.questions.answer(answer.id)
        {
            answers.push(answer);
        }
    }

    /// Take the messages that are whole, and keep the beginning of one that is not.
    fn take_stream(&mut self, side: usize, sequence: u32, payload: &[u8], answers: &mut Vec<DnsAnswer>) {
        self.is_inquiring = false;
        let Some(Inquiry::Dns { first, mut stream, .. }) = self.inquiry.take().map(|inquiry| *inquiry) else {
            return match self.missing_before(side, sequence) {
                None => self.take_messages(side, sequence, payload, answers),
                Some(offset) => {
                    let mut stream = Stream::default();
                    if stream.put(offset, payload) {
                        self.wait(Inquiry::Dns { side, first: self.first_bytes[side], stream });
                    }
                }
            };
        };
        let offset = sequence.wrapping_sub(first) as usize;
        // What was sent before the beginning was sent again; what lies too far out is something else.
        if offset > 1 << 31 || stream.put(offset, payload) {
            let beginning = stream.beginning();
            if first_message(beginning).is_some() {
                self.take_messages(side, first, beginning, answers);
            } else {
                self.wait(Inquiry::Dns { side, first, stream });
            }
        }
    }

    fn take_messages(&mut self, side: usize, first: u32, bytes: &[u8], answers: &mut Vec<DnsAnswer>) {
        let mut rest = bytes;
        while let Some((message, behind)) = first_message(rest) {
            self.take_answer(message, answers);
            self.looks[side] = LOOKS;
            rest = behind;
        }
        let mut stream = Stream::default();
        if !rest.is_empty() && !self.questions.asked().is_empty() && stream.put(0, rest) {
            let taken = (bytes.len() - rest.len()) as u32;
            self.wait(Inquiry::Dns { side, first: first.wrapping_add(taken), stream });
        }
    }

    /// Wait for more, but not for ever: what is no message of the DNS may go on and on.
    fn wait(&mut self, inquiry: Inquiry) {
        let looks = &mut self.looks[inquiry.side()];
        *looks -= 1;
        if *looks > 0 {
            self.is_inquiring = true;
            self.inquiry = Some(Box::new(inquiry));
        }
    }
}

/// Numbers of the questions that were asked of the DNS and not answered yet, the latest of them.
#[derive(Default)]
struct Questions {
    ids: [u16; MAXIMUM_QUESTIONS],
    count: u8,
}

impl Questions {
    fn ask(&mut self, id: u16) {
        if self.asked().len() == MAXIMUM_QUESTIONS {
            self.forget(0);
        }
        self.ids[usize::from(self.count)] = id;
        self.count += 1;
    }

    /// Whether this was asked; it is no longer.
    fn answer(&mut self, id: u16) -> bool {
        let place = self.asked().iter().position(|&asked| asked == id);
        if let Some(place) = place {
            self.forget(place);
        }
        place.is_some()
    }

    fn forget(&mut self, place: usize) {
        self.ids.copy_within(place + 1..usize::from(self.count), place);
        self.count -= 1;
    }

    fn asked(&self) -> &[u16] {
        &self.ids[..usize::from(self.count)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_questions_the_latest_wait_and_each_is_answered_once() {
        let mut questions = Questions::default();
        (0..10).for_each(|id| questions.ask(id));
        assert!(!questions.answer(1), "there is room for eight");
        assert!(questions.answer(2) && questions.answer(9) && questions.answer(5));
        assert!(!questions.answer(5));
        assert_eq!(questions.asked(), [3, 4, 6, 7, 8]);
    }
}
