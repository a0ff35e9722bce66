using System.Globalization;
using Akka.Actor;
using Hatchery.Devices;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>
/// One `pbm server drain`: says how far the drain has come, until the server is empty, nothing goes any more, or its reader is gone. The drain is the farm's and goes
/// on without it: the command given again says how far it is.
/// </summary>
internal sealed class DrainRun : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    /// <summary>Servers are silent for a moment now and then, and a copy that goes makes room for another.</summary>
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(10);

    private readonly string _server;
    private readonly IActorRef _reader;
    private readonly bool _waits;
    private readonly Farm _farm;
    private readonly ServerDirectory _servers;
    private readonly TimeProvider _time;
    private readonly long _began;
    private KnownServer _known;
    private DrainState? _first;
    private DrainState? _last;
    private string? _said;
    private bool _wasDraining;
    private long? _stuckAt;

    /// <param name="server">To be drained.</param>
    /// <param name="reader">Who typed the command.</param>
    /// <param name="waits">Until it is empty; else it is told once what is still to go.</param>
    public DrainRun(KnownServer server, IActorRef reader, bool waits, Farm farm, ServerDirectory servers)
    {
        (_known, _server, _reader, _waits, _farm, _servers) = (
            server,
            server.Status.Name,
            reader,
            waits,
            farm,
            servers
        );
        (_time, _began) = (farm.Services.Time, farm.Services.Time.GetTimestamp());
        Receive<Reply>(Ordered);
        Receive<Look>(_ => Begin());
        Receive<Seen>(seen => End(seen.Server, seen.State));
        Receive<Status.Failure>(failed => Finish(new ErroredCommandResponse(Failures.Explain(failed.Cause))));
        Receive<Terminated>(_ => Context.Stop(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.Watch(_reader);
        _ = new PolicyAdministration(_farm).AskAsync(new DrainServer(_server)).PipeTo(Self);
    }

    private void Ordered(Reply reply)
    {
        if (reply is Reply.Refused refused)
        {
            Finish(new ErroredCommandResponse(refused.Reason));
            return;
        }
        if (_waits)
            Say(
                $"Ctrl+C ends this report and not the drain: pbm server drain {_server} goes on with it, pbm server resume {_server} takes it back"
            );
        Begin();
    }

    private void Begin()
    {
        // One that is no member any more is silent, and what it had is looked for all the same.
        _known = _servers.Find(_server) ?? _known with { State = ServerState.Silent };
        _ = LookAsync(_known).PipeTo(Self);
    }

    private async Task<Seen> LookAsync(KnownServer server) =>
        new(server, await DrainState.OfAsync(_farm, server, _servers.All));

    private void End(KnownServer server, DrainState state)
    {
        _first ??= state;
        var isStuck = state is { Waits: not null, Copies: not null };
        _stuckAt =
            !isStuck ? null
            : state == _last ? _stuckAt
            : _time.GetTimestamp();
        _last = state;
        // The farm hears of the drain a moment after it was ordered.
        var isDraining = _farm.View.Current.Policy.IsDraining(_server);
        _wasDraining |= isDraining;
        if (!_waits)
            Finish(new CommandResponse($"server {_server} gets no new boots; {state}"));
        else if (_wasDraining && !isDraining)
            Finish(
                new ErroredCommandResponse($"server {_server} was resumed meanwhile, and takes boots; {Progress()}")
            );
        else if (state.IsEmpty && _wasDraining)
            Finish(new CommandResponse($"server {_server} is empty after {Seconds()} s; {Progress()}"));
        else if (_stuckAt is { } since && (server.Status.MirrorPort == 0 || _time.GetElapsedTime(since) >= s_settle))
            Finish(
                state.IsSpare
                    ? new CommandResponse($"server {_server} gets no new boots; {state}")
                    : new ErroredCommandResponse($"server {_server} is not empty, and goes on draining; {state}")
            );
        else
        {
            Say($"{state}; {Progress()}");
            Timers.StartSingleTimer(Look.Key, new Look(), s_look);
        }
    }

    private void Say(string line)
    {
        if (line == _said)
            return;
        _said = line;
        _reader.Tell(new CommandResponse(line, final: false));
    }

    private void Finish(CommandResponse response)
    {
        _reader.Tell(response);
        Context.Stop(Self);
    }

    private string Progress()
    {
        if (_first is null || _last is null)
            return "nothing is known of what has left it";
        var devices = string.Create(
            CultureInfo.InvariantCulture,
            $"{Gone(_first.Devices, _last.Devices)} of {_first.Devices} device(s)"
        );
        var kept =
            _first.Kept == 0
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $", {Gone(_first.Kept, _last.Kept)} of {_first.Kept} kept write caches"
                );
        return _first.Copies is { } before && _last.Copies is { } now
            ? devices
                + kept
                + string.Create(
                    CultureInfo.InvariantCulture,
                    $" and {Gone(before, now)} of {before} copies have left it"
                )
            : devices + " have left it";
    }

    /// <summary>A boot that was under way may have come after the first look.</summary>
    private static int Gone(int before, int now) => Math.Max(0, before - now);

    private string Seconds() => _time.GetElapsedTime(_began).TotalSeconds.ToString("0", CultureInfo.InvariantCulture);

    private sealed record Look
    {
        public const string Key = "look";
    }

    private sealed record Seen(KnownServer Server, DrainState State);
}
