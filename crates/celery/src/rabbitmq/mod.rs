//! RabbitMQ, with the exchanges, queues and messages of Celery on AMQP 0-9-1, so that Python's workers
//! and senders share its queues.
//!
//! * A queue is durable, bound to a durable direct exchange of its name by its name, and without
//!   arguments unless `x-max-priority` or `x-queue-type: quorum` is asked for. One that is there
//!   with other arguments is used as it is.
//! * A message goes through the nameless exchange to its queue, is kept on disk (`delivery_mode` 2),
//!   and is sent only when RabbitMQ has confirmed it. One that no queue takes is an error.
//! * Sending and consuming have a connection each: when RabbitMQ is short of memory it stops reading
//!   from those that send, and a worker must still be able to acknowledge.
//! * **9 is the most urgent here**, on queues that were declared with `x-max-priority`; on others
//!   RabbitMQ passes over priorities. Both as Celery documents.
//!
//! A delivery belongs to the channel it came by. When that is gone, RabbitMQ gives the message to
//! another consumer, so what was delivered before settles nothing any more: the fence of a
//! [`Receipt`](crate::Receipt) is the number of the channel.
//!
//! Facts from `celery/app/amqp.py`, `kombu/entity.py`, `kombu/transport/{base,pyamqp}.py`, versions
//! 5.7, and <https://www.rabbitmq.com/docs> (confirms, consumer-prefetch, quorum-queues).

mod broker;
mod line;
mod lines;
mod outlet;
mod post;
mod server;

pub use self::broker::RabbitBroker;

/// Behind a queue's name: the queue of what was set aside.
const ASIDE: &str = ".poison";

/// What is set aside is kept up to this number a queue; then the oldest goes.
const SET_ASIDE: i32 = 10_000;

/// How queues are declared that are not there yet.
#[derive(Clone, Copy, Debug, Default)]
struct Kind {
    max_priority: Option<u8>,
    quorum: bool,
}
