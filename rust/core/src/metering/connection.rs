//! What is known of one connection.

use std::{mem::offset_of, sync::Arc};

use tidegauge_prefetch::prefetch_at;

use super::{
    ended::Told,
    flow::Flow,
    inquiry::Inquiry,
    story::{Stories, Story, Wanted},
    tcp::Tcp,
};
use crate::{
    application::Recognised,
    inspection::{
        DnsAnswer, Finding, MAXIMUM_STREAM_BYTES, Stream, answer_from_message, first_message, is_hello, is_initial,
        is_question, is_request, may_begin, question_id,
    },
    packet::{Packet, Segment},
    time::Instant,
};

const UDP: u8 = 17;

/// Payloads of each side that are looked into: who starts TLS in the middle (mail) talks a while before it.
const LOOKS: u8 = 16;
/// Questions of a connection that wait for their answers.
const MAXIMUM_QUESTIONS: usize = 8;

/// Whether the DNS was asked anything.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[repr(u8)]
enum Asked {
    /// No: then the numbers of questions are those of who had the place before.
    #[default]
    Nothing,
    /// Something that has a number.
    Something,
    /// A question that is one beyond doubt.
    Question,
}

/// What few connections need.
#[derive(Default)]
#[repr(align(64))]
struct Aside {
    inquiry: Option<Box<Inquiry>>,
    /// Tells the inquiry from others that were in its place.
    serial: u32,
    questions: Questions,
}

/// A connection with flows, in four lines of the processor's cache, which it fetches in pairs. The first is what every packet
/// needs, the second what TCP measures, the third what matters in the beginning and the end, and the fourth what few need.
#[derive(Default)]
#[repr(C, align(128))]
pub struct Connection {
    /// Flows that are being counted: of both directions, each as it came in and as it went out.
    pub flows: u8,
    asked: Asked,
    /// Payloads of each side still to be looked into.
    looks: [u8; 2],
    /// Whether no payload has passed since the number of its first byte was seen.
    awaits_first_byte: [bool; 2],
    /// Whether there is an inquiry.
    is_inquiring: bool,
    /// Whether it is known what the client wants.
    has_wanted: bool,
    /// How TCP does, where it is followed.
    tcp: Tcp,
    first_bytes: [u32; 2],
    wanted: Option<Arc<Wanted>>,
    aside: Aside,
}

const _: () = assert!(size_of::<Connection>() == 256);

impl Connection {
    /// Begin to use the place, with one flow.
    pub fn begin(&mut self, wanted: Option<Arc<Wanted>>, is_looked_into: bool) {
        (self.flows, self.asked) = (1, Asked::Nothing);
        self.looks = if is_looked_into && wanted.is_none() { [LOOKS; 2] } else { [0; 2] };
        self.has_wanted = wanted.is_some();
        if self.has_wanted {
            self.wanted = wanted;
        }
    }

    /// Follow how TCP does, from these flows on, one of `side` and one of the other; whether it is one-way.
    pub fn follow(&mut self, flow: Option<&Flow>, back: Option<&Flow>, side: usize) -> bool {
        self.tcp.begin(flow, back, side)
    }

    /// Note that the flow of one way ended; whether the connection is one-way now.
    #[inline]
    pub fn begin_one_way(&mut self) -> bool {
        self.tcp.begin_one_way()
    }

    /// Note that there are flows of both ways, or that the connection is over; whether it was one-way until now.
    #[inline]
    pub fn end_one_way(&mut self) -> bool {
        self.tcp.end_one_way()
    }

    /// Expect payload of a side to begin with a number, where that is known.
    pub fn await_first_byte(&mut self, side: usize, number: Option<u32>) {
        self.awaits_first_byte[side] = number.is_some();
        if let Some(number) = number {
            self.first_bytes[side] = number;
        }
    }

    /// Let go of what takes memory until the place is used again; what the client wanted.
    pub fn end(&mut self) -> Option<Arc<Wanted>> {
        self.give_up();
        self.tcp.end();
        if self.has_wanted { self.wanted.take() } else { None }
    }

    /// Fetch what a packet of one of many connections needs.
    #[inline]
    pub fn foresee(table: &[Self], number: usize, is_tcp: bool) {
        // Computed, not branched: whether the next packet is of TCP is anybody's guess.
        let aside = offset_of!(Self, aside);
        let measured = offset_of!(Self, tcp) + Tcp::MEASURED;
        prefetch_at(table, number, offset_of!(Self, flows));
        prefetch_at(table, number, aside - usize::from(is_tcp) * (aside - measured));
    }

    /// Fetch what is needed beside that in the beginning and in the end.
    #[inline]
    pub fn foresee_ends(&self, is_tcp: bool) {
        if is_tcp {
            self.tcp.foresee_ends();
        }
    }

    /// What is to be told of a side's flow; its story goes to the others.
    #[inline]
    pub fn tell(&mut self, side: usize, stories: &mut Stories) -> Told {
        let wanted = if self.has_wanted { self.wanted.clone() } else { None };
        let performance = self.tcp.tell(side);
        let application = wanted.as_ref().and_then(|wanted| wanted.application);
        Told {
            application: application.or((self.asked == Asked::Question).then_some(Recognised::Dns)),
            story: (wanted.is_some() || performance.is_some()).then(|| stories.add(Story { wanted, performance })),
        }
    }

    /// Learn from a packet how TCP does.
    #[inline]
    pub fn follow_on(&mut self, side: usize, packet: &Packet, segment: &Segment, time: Instant) {
        self.tcp.observe(side, packet, segment, time);
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
                (self.wanted, self.has_wanted) = (Some(Arc::new(wanted)), true);
                self.looks = [0; 2];
                self.give_up();
            }
            Finding::Unfinished if self.looks[side] > 0 => return !had_inquiry && self.is_inquiring,
            Finding::Unfinished | Finding::Nothing => self.give_up(),
        }
        false
    }

    /// Look at a payload of TCP at a glance: most are the beginning of nothing, and nobody waits for them. Whether it is another,
    /// which is to be looked into. Whether there is one at all nobody can guess, so it is not asked.
    #[inline]
    pub fn glance(&mut self, side: usize, payload: &[u8], sequence: u32, is_dns: bool) -> bool {
        let is_seen = (self.looks[side] > 0) & !payload.is_empty();
        let is_special = self.is_inquiring | self.awaits_first_byte[side] | is_dns | may_begin(payload);
        if is_seen & is_special
            && (self.is_inquiring
                || is_dns
                || self.offset(side, sequence).is_some()
                || is_hello(payload)
                || is_request(payload))
        {
            return true;
        }
        self.awaits_first_byte[side] &= !is_seen;
        self.looks[side] -= u8::from(is_seen);
        false
    }

    /// Wait no longer for the rest of a beginning.
    pub fn give_up(&mut self) {
        if std::mem::take(&mut self.is_inquiring) {
            self.aside.inquiry = None;
        }
    }

    /// Number the inquiry that has begun.
    pub fn number_inquiry(&mut self, serial: u32) {
        self.aside.serial = serial;
    }

    /// Give up the inquiry of a number, if it still goes on.
    pub fn give_up_numbered(&mut self, serial: u32) {
        if self.aside.serial == serial {
            self.give_up();
        }
    }

    fn look_into(&mut self, side: usize, packet: &Packet) -> Finding<Wanted> {
        if self.is_inquiring
            && let Some(inquiry) = &mut self.aside.inquiry
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
            self.aside.inquiry = Some(Box::new(inquiry));
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
    #[inline]
    fn offset(&self, side: usize, sequence: u32) -> Option<usize> {
        if !self.awaits_first_byte[side] {
            return None;
        }
        let offset = sequence.wrapping_sub(self.first_bytes[side]) as usize;
        (1..MAXIMUM_STREAM_BYTES).contains(&offset).then_some(offset)
    }

    /// The same, asked once.
    fn missing_before(&mut self, side: usize, sequence: u32) -> Option<usize> {
        let offset = self.offset(side, sequence);
        self.awaits_first_byte[side] = false;
        offset
    }

    /// Note what the client asks of the DNS.
    pub fn note_question(&mut self, message: &[u8]) {
        if let Some(id) = question_id(message) {
            if self.asked == Asked::Nothing {
                (self.asked, self.aside.questions) = (Asked::Something, Questions::default());
            }
            self.aside.questions.ask(id);
            if self.asked == Asked::Something && is_question(message) {
                self.asked = Asked::Question;
            }
        }
    }

    /// Take the answers in a payload of the DNS that were asked for; others were sent to deceive. The flag tells whether an
    /// inquiry has begun that waits for more.
    pub fn take_answers(&mut self, side: usize, packet: &Packet) -> (Vec<DnsAnswer>, bool) {
        let mut answers = Vec::new();
        if self.asked == Asked::Nothing || self.aside.questions.asked().is_empty() {
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
            && self.aside.questions.answer(answer.id)
        {
            answers.push(answer);
        }
    }

    /// Take the messages that are whole, and keep the beginning of one that is not.
    fn take_stream(&mut self, side: usize, sequence: u32, payload: &[u8], answers: &mut Vec<DnsAnswer>) {
        self.is_inquiring = false;
        let Some(Inquiry::Dns { first, mut stream, .. }) = self.aside.inquiry.take().map(|inquiry| *inquiry) else {
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
        if !rest.is_empty() && !self.aside.questions.asked().is_empty() && stream.put(0, rest) {
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
            self.aside.inquiry = Some(Box::new(inquiry));
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
        let ids = self.ids;
        // All of them, so that it need not be asked how many.
        for (number, id) in self.ids.iter_mut().enumerate().take(MAXIMUM_QUESTIONS - 1) {
            *id = ids[number + usize::from(number >= place)];
        }
        self.count -= 1;
    }

    fn asked(&self) -> &[u16] {
        &self.ids[..usize::from(self.count)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Frame;

    /// A raw packet from port 53 that answers question 7: `a` has the address 192.0.2.1.
    fn answer() -> Vec<u8> {
        let message = b"\x00\x07\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x01a\x00\x00\x01\x00\x01\
            \xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01";
        let length = 8 + message.len() as u8;
        let mut bytes = vec![0x45, 0, 0, 20 + length, 0, 0, 0, 0, 64, UDP, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        bytes.extend([0, 53, 4, 0, 0, length, 0, 0]);
        bytes.extend(message);
        bytes
    }

    #[test]
    fn what_somebody_asked_who_had_the_place_before_is_not_answered() {
        let data = answer();
        let frame = Frame { timestamp: 0, link_type: 101, data: &data, original_length: data.len() as u32 };
        let packet = Packet::parse(&frame).unwrap();
        let mut connection = Connection::default();
        for asks in [true, false, true] {
            connection.begin(None, true);
            if asks {
                connection.note_question(&[0, 7, 1, 0]);
            }
            assert_eq!(connection.take_answers(0, &packet).0.len(), usize::from(asks));
            connection.note_question(&[0, 7, 1, 0]);
            connection.end();
        }
    }

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
