using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>One `pbm boot watch`: a line for each step as it is taken and one where a boot stalls, until its reader is gone.</summary>
internal sealed class BootWatch : ReceiveActor, IWithTimers
{
    /// <summary>Steps that wait to be printed; of a boot storm beyond that, only the number is told.</summary>
    private const int PendingMax = 1024;
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly IActorRef _reader;
    private readonly Farm _farm;
    private readonly TimelineLog _timeline;
    private readonly Predicate<DeviceId> _shows;
    private readonly DeviceId? _past;
    private readonly bool _isJson;
    private readonly Dictionary<DeviceId, Boot> _boots = [];
    private IDisposable? _watching;
    private int _pending;
    private int _leftOut;

    /// <param name="reader">Who typed the command.</param>
    /// <param name="shows">Which devices; quick, since every step of the server asks.</param>
    /// <param name="past">The device whose latest steps are shown first.</param>
    public BootWatch(
        IActorRef reader,
        Farm farm,
        TimelineLog timeline,
        Predicate<DeviceId> shows,
        DeviceId? past,
        bool isJson
    )
    {
        (_reader, _farm, _timeline, _shows, _past, _isJson) = (reader, farm, timeline, shows, past, isJson);
        Receive<TimelineStep>(step =>
        {
            Interlocked.Decrement(ref _pending);
            Print(step);
        });
        Receive<Past>(past =>
        {
            // What was taken while the past was read is in both.
            foreach (
                var step in past.Steps.Where(s => !_boots.TryGetValue(s.Device, out var boot) || s.At > boot.Last.At)
            )
                Print(step);
        });
        Receive<Look>(_ => LookForStalls());
        Receive<Terminated>(_ => Context.Stop(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.Watch(_reader);
        var self = Self;
        _watching = _timeline.Watch(step =>
        {
            if (!_shows(step.Device))
                return;
            if (Interlocked.Increment(ref _pending) <= PendingMax)
            {
                self.Tell(step, ActorRefs.NoSender);
                return;
            }
            Interlocked.Decrement(ref _pending);
            Interlocked.Increment(ref _leftOut);
        });
        if (!_isJson)
            Put(Line("TIME (UTC)", "DEVICE", "AFTER", "STEP", "SERVER", ""));
        if (_past is { } device)
            _ = _timeline.ReadAsync(device).PipeTo(Self, success: steps => new Past(steps), failure: _ => new Past([]));
        Timers.StartPeriodicTimer(Look.Key, new Look(), s_look);
    }

    protected override void PostStop() => _watching?.Dispose();

    private void Print(TimelineStep step)
    {
        var boot = _boots.GetValueOrDefault(step.Device);
        var after = boot is null ? (double?)null : (step.At - boot.Last.At).TotalSeconds;
        _boots[step.Device] = new(step, BootStall.Reached(boot?.Reached, step), HasStalled: false);
        Say(new(step.At, NameOf(step.Device), step.Step, step.Server, step.Detail, after));
    }

    private void LookForStalls()
    {
        if (Interlocked.Exchange(ref _leftOut, 0) is > 0 and var leftOut)
            Say(
                new(_farm.Services.Time.GetUtcNow(), "", "left-out", "", $"{leftOut} steps were too many to show", null)
            );
        var now = _farm.Services.Time.GetUtcNow();
        foreach (var (device, boot) in _boots.Where(b => !b.Value.HasStalled).ToArray())
        {
            if (BootStall.At(boot.Reached, now) is not { } stall)
                continue;
            _boots[device] = boot with { HasStalled = true };
            var after = (now - stall.Since).TotalSeconds;
            Say(new(now, NameOf(device), "stalled", boot.Reached.Server, stall.Cause, after));
        }
    }

    private string NameOf(DeviceId device) => _farm.View.Current.Device(device)?.Name ?? device.ToString();

    private void Say(WatchRow row) =>
        Put(
            _isJson
                ? JsonSerializer.Serialize(row, WatchJson.Default.WatchRow)
                : Line(Clock.Text(row.At), row.Device, Clock.Text(row.AfterSeconds), row.Step, row.Server, row.Detail)
        );

    private void Put(string line) => _reader.Tell(new CommandResponse(line, final: false));

    /// <summary>Nobody knows yet what is still to come, so the columns have a width of their own.</summary>
    private static string Line(string time, string device, string after, string step, string server, string detail) =>
        $"{time, -23}  {device, -15}  {after, 7}  {step, -15}  {server, -12}  {detail}".TrimEnd();

    /// <param name="HasStalled">And was said so.</param>
    private sealed record Boot(TimelineStep Last, TimelineStep Reached, bool HasStalled);

    private sealed record Past(IReadOnlyList<TimelineStep> Steps);

    private sealed record Look
    {
        public const string Key = "look";
    }
}

/// <summary>A line of `boot watch -o json`.</summary>
/// <param name="Step">One of the steps of a boot, `stalled`, or `left-out`.</param>
internal sealed record WatchRow(
    DateTimeOffset At,
    string Device,
    string Step,
    string Server,
    string Detail,
    double? AfterSeconds
);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WatchRow))]
internal sealed partial class WatchJson : JsonSerializerContext;
