using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Sharding;

// A shard moves in steps: every region and proxy keeps its messages; the owner stops its entities; it has no home any more; the next
// who asks gets a new one.
internal sealed partial class Coordinator
{
    private readonly Dictionary<string, ShardMove> _moves = new(StringComparer.Ordinal);

    /// <summary>An answer to one move, received at the reference that was opened for it.</summary>
    public void ReceiveMove(IActorRef move, ICoordinatorProtocol message, IActorRef sender)
    {
        switch (message)
        {
            case BeginHandOffAck(var shard) when Current(shard, move) is { } active:
                active.Unconfirmed.Remove(sender);
                HandOffWhenConfirmed(active);
                break;
            case ShardStopped(var shard) when Current(shard, move) is { Stopping: true } active:
                MoveDone(active);
                break;
        }
    }

    private ShardMove? Current(string shard, IActorRef move) =>
        _moves.TryGetValue(shard, out var active) && active.ReplyTo.Equals(move) ? active : null;

    private void Move(string shard)
    {
        if (_moves.ContainsKey(shard) || !State.Shards.TryGetValue(shard, out var owner))
            return;
        var move = new ShardMove(shard, owner, port.OpenMove(shard), [.. State.Regions.Keys, .. State.Proxies]);
        _moves.Add(shard, move);
        port.CancelTimer(new HostTimer(shard));
        port.StartTimer(new MoveTimer(shard), settings.HandOffTimeout);
        log.Debug("Shard [{0}] moves away from [{1}]", shard, owner);
        foreach (var peer in move.Unconfirmed.Order())
            port.SendFrom(move.ReplyTo, peer, new BeginHandOff(shard));
    }

    private void HandOffWhenConfirmed(ShardMove move)
    {
        if (move.Unconfirmed.Count > 0 || move.Stopping)
            return;
        move.Stopping = true;
        port.SendFrom(move.ReplyTo, move.Owner, new HandOff(move.Shard));
    }

    // The owner is gone with its shards, or somebody need not confirm any more.
    private void PeerGone(IActorRef peer)
    {
        foreach (var move in _moves.Values.OrderBy(each => each.Shard, StringComparer.Ordinal).ToArray())
        {
            if (move.Owner.Equals(peer))
            {
                Close(move);
                AnswerWaiting(move.Shard);
            }
            else if (move.Unconfirmed.Remove(peer))
            {
                HandOffWhenConfirmed(move);
            }
        }
    }

    private void MoveDone(ShardMove move)
    {
        if (!State.Shards.TryGetValue(move.Shard, out var home) || !home.Equals(move.Owner))
        {
            Close(move);
            AnswerWaiting(move.Shard);
            return;
        }
        port.Persist(
            new ShardHomeDeallocated(move.Shard),
            () =>
            {
                State = State.After(new ShardHomeDeallocated(move.Shard));
                log.Debug("Shard [{0}] has left [{1}]", move.Shard, move.Owner);
                Close(move);
                AnswerWaiting(move.Shard);
            }
        );
    }

    private void MoveFailed(string shard)
    {
        if (!_moves.TryGetValue(shard, out var move))
            return;
        log.Warning(
            "Shard [{0}] did not leave [{1}] within {2}: {3}; it stays there",
            shard,
            move.Owner,
            settings.HandOffTimeout,
            move.Stopping ? "its entities have not stopped" : $"{move.Unconfirmed.Count} regions have not answered"
        );
        Close(move);
        AnswerWaiting(shard);
    }

    private void Close(ShardMove move)
    {
        _moves.Remove(move.Shard);
        port.CancelTimer(new MoveTimer(move.Shard));
        port.CloseMove(move.ReplyTo);
    }

    private sealed class ShardMove(string shard, IActorRef owner, IActorRef replyTo, HashSet<IActorRef> unconfirmed)
    {
        public string Shard { get; } = shard;

        public IActorRef Owner { get; } = owner;

        /// <summary>Answers to another move of the same shard, however late, come to another reference.</summary>
        public IActorRef ReplyTo { get; } = replyTo;

        public HashSet<IActorRef> Unconfirmed { get; } = unconfirmed;

        public bool Stopping { get; set; }
    }
}
