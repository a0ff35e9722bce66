using System.Data.Common;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot;

/// <summary>
/// Takes in the disks of machines that were ordered to send them here, and makes vDisks of them. What a machine sends is believed when its hash is right;
/// what was taken in survives this server and the machine, and is not sent again where it is still the same. Thread-safe.
/// </summary>
public sealed class Captures : IAsyncDisposable
{
    /// <summary>One that was silent for so long gives its place to another.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceId, RunningCapture> _running = [];
    private readonly Dictionary<DeviceId, CaptureStatus> _ended = [];
    private readonly string _server;
    private readonly Farm _farm;
    private readonly Store _store;
    private readonly CaptureBootSettings? _boot;
    private readonly int _atOnce;
    private readonly Action<TimelineStep> _timeline;
    private readonly ILogger<Captures> _log;

    public Captures(
        string server,
        Farm farm,
        Store store,
        CaptureBootSettings? boot,
        int atOnce,
        Action<TimelineStep> timeline,
        ILogger<Captures> log
    )
    {
        (_server, _farm, _store, _boot, _atOnce) = (server, farm, store, boot, atOnce);
        (_timeline, _log) = (timeline, log);
        store.ForgetCaptures(Wanted);
        farm.Services.View.CaptureOver += Ended;
        farm.Services.View.DeviceRemoved += Removed;
    }

    public string Server => _server;

    private TimeProvider Time => _farm.Services.Time;

    private IEnumerable<LayerId> Wanted =>
        _farm.View.Current.AnyDevices.Select(d => d.Capture?.Image).OfType<LayerId>();

    /// <summary>Why no machine could boot to send its disk here, as a sentence; null: it can.</summary>
    public string? WhyNot =>
        _boot is null
            ? $"server {_server} has nothing that a machine could boot to send its disk: make it with deploy/initramfs/build.sh, and name it as hatchery.boot.capture.kernel and initrd"
        : new[] { _boot.KernelPath, _boot.InitrdPath }.FirstOrDefault(p => !File.Exists(p)) is { } missing
            ? $"server {_server}: {missing} is not there (hatchery.boot.capture)"
        : null;

    /// <summary>Of the latest order of a device, as far as this server has seen of it; null: nothing yet.</summary>
    public CaptureStatus? Of(DeviceId device)
    {
        lock (_gate)
            return _running.TryGetValue(device, out var running)
                ? running.Status(Time.GetUtcNow())
                : _ended.GetValueOrDefault(device);
    }

    /// <summary>A machine is about to send its disk, or says why it does not.</summary>
    internal async Task<CaptureAnswer> BeginAsync(DeviceState device, BootId boot, CaptureHello hello)
    {
        if (device.Capture is not { } order)
            return NotOrdered(device);
        if (order.Server != _server)
            return CaptureAnswer.Refused(
                $"{device.Name} is to send its disk to server {order.Server}, not to {_server}"
            );
        if (IsOlder(device, boot))
            return BootedAgain(device);
        if (hello.Why is { } why)
            return await FailAsync(device, order, why);
        if (_store.FindImage(order.Image).Value is { } image)
            return await AddAsync(device, order, image);
        if (Replace(device, order, boot, hello, out var before) is not { } running)
            return CaptureAnswer.Again($"{_atOnce} machines send their disks to {_server} now: {device.Name} waits");
        if (before is not null)
            await before.DisposeAsync();
        using (await running.EnterAsync())
        {
            if (running.Ending.IsCancellationRequested)
                return CaptureAnswer.Again("it was ended just now");
            var begun = _store.BeginCapture(
                new(
                    order.Image,
                    order.Name,
                    device.Name,
                    hello.LengthBytes,
                    hello.SectorBytes,
                    order.KernelPath,
                    order.InitrdPath
                ),
                Time
            );
            if (begun.Value is not { } capture)
            {
                Leave(device, running);
                return begun.Fault!.Kind == StoreFaultKind.InUse
                    ? CaptureAnswer.Again(begun.Fault.Detail)
                    : CaptureAnswer.Refused(begun.Fault.Detail);
            }
            running.Image = capture;
        }
        Report(device.Id, BootSteps.CaptureBegun, running.What);
        _log.CaptureBegun(device.Name, running.What, order.Name);
        return CaptureAnswer.Taken;
    }

    /// <summary>The capture of this boot, which has begun here; null: <paramref name="answer"/> says why there is none.</summary>
    internal RunningCapture? Find(DeviceState device, BootId boot, out CaptureAnswer answer)
    {
        answer = NotOrdered(device);
        if (device.Capture is not { } order)
            return null;
        lock (_gate)
        {
            var running = _running.GetValueOrDefault(device.Id);
            answer =
                running is null || running.Order.Image != order.Image
                    ? CaptureAnswer.StartOver($"the capture of {device.Name} has not begun here")
                : running.Boot == boot ? default
                : BootedAgain(device);
            return answer == default ? running : null;
        }
    }

    /// <summary>All of a machine's disk was sent: what came of that is looked at, and becomes a vDisk.</summary>
    internal async Task<CaptureAnswer> EndAsync(DeviceState device, RunningCapture running)
    {
        using var entered = running.TryEnter();
        if (entered is null)
            return CaptureAnswer.Again("its last request is still under way");
        if (running.Image is not { } image)
            return CaptureAnswer.Again("it begins");
        if (image.Next < image.Count)
            return CaptureAnswer.StartOver($"{image.Percent} % of it is here");
        running.Finishing ??= running.FinishAsync(image);
        if (!running.Finishing.IsCompleted)
            return CaptureAnswer.Wait(running.Status(Time.GetUtcNow()).Text);
        if (running.Finishing.IsCanceled)
            return CaptureAnswer.Again($"{_server} is being stopped");
        var made = await running.Finishing;
        if (made.Value is { } whole)
            return await AddAsync(device, running.Order, whole);
        running.Finishing = null;
        return await FailAsync(device, running.Order, made.Fault!.ToString());
    }

    /// <summary>Ends an order of which nothing can come.</summary>
    internal async Task<CaptureAnswer> FailAsync(DeviceState device, CaptureOrder order, string why) =>
        await AskAsync(_farm.Devices, new EndCapture(device.Id, order.Image, why)) is { } away
            ? away
            : CaptureAnswer.Over(why);

    private async Task<CaptureAnswer> AddAsync(DeviceState device, CaptureOrder order, ImageManifest image)
    {
        var add = new AddVDisk(
            order.VDisk,
            order.Name,
            image.Layer,
            image.LengthBytes,
            image.Sha256,
            order.KernelPath is not null,
            order.KernelArguments,
            image.SectorBytes == ImageManifest.LargeSectorBytes ? image.SectorBytes : null
        );
        if (await AskAsync(_farm.VDisks, add) is { } answer)
        {
            if (answer != CaptureAnswer.Refused(answer.Text))
                return answer;
            _store.DeleteImage(image.Layer);
            return await FailAsync(device, order, answer.Text);
        }
        return await AskAsync(_farm.Devices, new EndCapture(device.Id, order.Image, null))
            ?? CaptureAnswer.Over($"it is vDisk {order.Name}");
    }

    /// <returns>Null when it is done.</returns>
    private async Task<CaptureAnswer?> AskAsync(IActorRef region, IFarmMessage command)
    {
        try
        {
            return await _farm.AskAsync(region, command) switch
            {
                Reply.Refused { Refusal: Refusal.Unavailable } away => CaptureAnswer.Again(away.Reason),
                Reply.Refused refused => CaptureAnswer.Refused(refused.Reason),
                _ => null,
            };
        }
        catch (Exception away) when (away is DbException or AskTimeoutException or TimeoutException)
        {
            return CaptureAnswer.Again($"the farm does not answer: {away.Message}");
        }
    }

    /// <summary>Null when there is no place for it.</summary>
    private RunningCapture? Replace(
        DeviceState device,
        CaptureOrder order,
        BootId boot,
        CaptureHello hello,
        out RunningCapture? before
    )
    {
        var now = Time.GetUtcNow();
        lock (_gate)
        {
            if (!_running.Remove(device.Id, out before) && _running.Count >= _atOnce)
            {
                var (silent, longest) = _running.MinBy(r => r.Value.HeardAt);
                if (now - longest.HeardAt < s_silence || longest.Finishing is not null)
                    return null;
                _running.Remove(silent);
                before = longest;
            }
            return _running[device.Id] = new(order, boot, hello, Time);
        }
    }

    private void Leave(DeviceState device, RunningCapture running)
    {
        lock (_gate)
            if (_running.GetValueOrDefault(device.Id) == running)
                _running.Remove(device.Id);
    }

    private bool IsOlder(DeviceState device, BootId boot)
    {
        lock (_gate)
            return _running.TryGetValue(device.Id, out var running)
                && BootNonce.OrdinalOf(boot) < BootNonce.OrdinalOf(running.Boot);
    }

    private static CaptureAnswer BootedAgain(DeviceState device) =>
        CaptureAnswer.Over($"{device.Name} has booted again since this script was made");

    private CaptureAnswer NotOrdered(DeviceState device) =>
        CaptureAnswer.Over(
            Of(device.Id) is { IsOver: true } ended ? ended.Text : $"no capture of {device.Name} is ordered any more"
        );

    private void Ended(DeviceId device, CaptureEnded ended)
    {
        if (ended.Order.Server != _server)
            return;
        if (ended.Why is { } why)
            _log.CaptureFailed(ended.Order.Name, why);
        else
            _log.Captured(ended.Order.Name);
        Report(
            device,
            ended.Why is null ? BootSteps.Captured : BootSteps.CaptureFailed,
            ended.Why ?? $"vDisk {ended.Order.Name}"
        );
        var status = new CaptureStatus(
            ended.Order.Image,
            ended.Why ?? $"it is vDisk {ended.Order.Name}",
            IsOver: true,
            HasFailed: ended.Why is not null
        );
        RunningCapture? running;
        lock (_gate)
        {
            _running.Remove(device, out running);
            _ended[device] = status;
        }
        _ = ForgetAsync(running);
    }

    private void Removed(DeviceId device)
    {
        RunningCapture? running;
        lock (_gate)
        {
            _running.Remove(device, out running);
            _ended.Remove(device);
        }
        _ = ForgetAsync(running);
    }

    /// <summary>What came of it, and is no image, goes.</summary>
    private async Task ForgetAsync(RunningCapture? running)
    {
        await Task.Yield();
        try
        {
            if (running is not null)
                await running.DisposeAsync();
            _store.ForgetCaptures(Wanted);
        }
        catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
        {
            _log.CaptureNotForgotten(cannot.Message);
        }
    }

    private void Report(DeviceId device, string step, string detail) =>
        _timeline(new(device, Time.GetUtcNow(), step, _server, detail));

    public async ValueTask DisposeAsync()
    {
        _farm.Services.View.CaptureOver -= Ended;
        _farm.Services.View.DeviceRemoved -= Removed;
        RunningCapture[] all;
        lock (_gate)
        {
            all = [.. _running.Values];
            _running.Clear();
        }
        foreach (var running in all)
            await running.DisposeAsync();
    }
}
