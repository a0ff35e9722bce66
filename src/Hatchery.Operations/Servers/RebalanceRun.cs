using System.Globalization;
using Akka.Actor;
using Hatchery.Devices;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>One `pbm server rebalance`: tells one device after the other where to go, at a bounded rate, until its reader is gone.</summary>
internal sealed class RebalanceRun : ReceiveActor, IWithTimers
{
    /// <summary>Devices a second: each is an event in the farm's journal, which boots need too.</summary>
    public const int RateMax = 100;

    private readonly IActorRef _reader;
    private readonly DeviceAdministration _devices;
    private readonly Queue<PlannedMove> _moves;
    private readonly TimeSpan _pause;
    private readonly int _all;
    private int _refused;

    /// <param name="reader">Who typed the command.</param>
    /// <param name="rate">Devices a second.</param>
    public RebalanceRun(IActorRef reader, Farm farm, IReadOnlyList<PlannedMove> moves, int rate)
    {
        (_reader, _devices, _moves, _all) = (reader, new(farm), new(moves), moves.Count);
        _pause = TimeSpan.FromSeconds(1) / rate;
        Receive<Next>(_ => Begin());
        Receive<Placed>(placed => End(placed));
        Receive<Terminated>(_ => Context.Stop(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.Watch(_reader);
        Begin();
    }

    private void Begin()
    {
        var move = _moves.Dequeue();
        _ = PlaceAsync(move).PipeTo(Self, failure: cause => new Placed(move, Failures.Explain(cause)));
    }

    private async Task<Placed> PlaceAsync(PlannedMove move) =>
        new(move, (await _devices.PlaceAsync(move.Device.Id, move.To) as Reply.Refused)?.Reason);

    private void End(Placed placed)
    {
        var (move, refused) = placed;
        _refused += refused is null ? 0 : 1;
        _reader.Tell(
            new CommandResponse(
                refused is null
                    ? $"{move.Device.Name}: goes from {move.From} to {move.To}"
                    : $"{move.Device.Name}: {refused}",
                final: false
            )
        );
        if (_moves.Count > 0)
        {
            Timers.StartSingleTimer(Next.Key, new Next(), _pause);
            return;
        }
        var done = (_all - _refused).ToString(CultureInfo.InvariantCulture);
        _reader.Tell(
            _refused == 0
                ? new CommandResponse($"{done} device(s) go elsewhere: {MoveRow.When}")
                : new ErroredCommandResponse($"{done} of {_all} device(s) go elsewhere: try again for the others")
        );
        Context.Stop(Self);
    }

    private sealed record Next
    {
        public const string Key = "next";
    }

    /// <param name="Refused">Why not; null: done.</param>
    private sealed record Placed(PlannedMove Move, string? Refused);
}
