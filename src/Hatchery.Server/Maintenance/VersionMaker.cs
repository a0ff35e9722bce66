using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Replication;
using Hatchery.Streaming;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>
/// Makes the versions that are to be made (<see cref="VersionMaking"/>), of what lies here, and sees to it that they are promoted when every server holds them. Every
/// server does so, as its farm view has it: the vDisk gives each to one of them, and to another when that one is gone. What was done before a server died is not done again.
/// </summary>
/// <param name="server">This one's name.</param>
/// <param name="sealing">Of write caches that go into a version.</param>
/// <param name="release">Closes this server's copy of a write cache that nobody is connected to.</param>
/// <param name="mergeAbove">More layers than so many are merged when they are in production, where a vDisk has no number of its own; 0: never.</param>
/// <param name="rate">At which all of them are read together.</param>
internal sealed partial class VersionMaker(
    string server,
    Farm farm,
    Store store,
    CacheSealing sealing,
    Func<LayerId, ValueTask> release,
    int mergeAbove,
    ByteRate rate,
    TimeProvider time,
    ILogger<VersionMaker> log
) : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>Who could not make a version leaves it to others for so long.</summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(15);

    /// <summary>Then another server may be able to.</summary>
    private const int SealsMax = 20;

    /// <summary>In percent: what is merged is then read twice to prove it.</summary>
    private const int ShareOfMerge = 40;

    private readonly ConcurrentDictionary<(VDiskId VDisk, int Number), Work> _works = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>For the other servers, and whoever asks them.</summary>
    public ImmutableArray<MakingStatus> Status =>
        _works.IsEmpty
            ? default
            : [.. _works.Select(w => w.Value.Status(w.Key.VDisk, w.Key.Number)).Take(ServerStatus.MakingsMax)];

    public void Start() => _running = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await Task.WhenAll(_works.Values.Select(w => w.Task));
        _stopping.Dispose();
    }

    /// <summary>One round; what takes long goes on by itself.</summary>
    internal async Task LookAsync()
    {
        var vDisks = farm.View.Current.VDisks.ToArray();
        foreach (var (key, work) in _works)
            if (vDisks.FirstOrDefault(v => v.Id == key.VDisk) is not { } vDisk || !IsToBeMade(vDisk, key.Number))
            {
                work.Cancel();
                if (work.Task.IsCompleted)
                    _works.TryRemove(key, out _);
            }
        foreach (var vDisk in vDisks)
            if (vDisk.Making is not { } making)
            {
                if (farm.View.Current.MergeDue(vDisk, mergeAbove) is { } merge)
                    await AskAsync(merge);
            }
            else if (vDisk.Version(making.Number) is { } made)
            {
                if (farm.Services.Lacking(vDisk.LayersOf(made)).Count == 0)
                    await AskAsync(new EndMaking(vDisk.Id, made.Number));
            }
            else if (!_works.TryGetValue((vDisk.Id, making.Number), out var work) || work.IsRested(time))
                Begin(vDisk, making);
    }

    private static bool IsToBeMade(VDiskState vDisk, int number) =>
        vDisk.Making?.Number == number && vDisk.Version(number) is null;

    private void Begin(VDiskState vDisk, VersionMaking making)
    {
        if (making.Server is { } other && other != server && IsUp(other))
            return;
        var work = new Work(CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token));
        _works[(vDisk.Id, making.Number)] = work;
        work.Task = Task.Run(() => MakeAsync(vDisk, making, work), CancellationToken.None);
    }

    private async Task MakeAsync(VDiskState vDisk, VersionMaking making, Work work)
    {
        try
        {
            if (await TryMakeAsync(vDisk, making, work) is { } trouble)
            {
                work.Rest(trouble, time.GetTimestamp());
                Log.NotMade(log, vDisk.Name, making.Number, trouble);
                // Another may be able to.
                await farm.AskAsync(
                    farm.VDisks,
                    new ClaimMaking(vDisk.Id, making.Number, Server: null, Instead: server)
                );
            }
        }
        catch (OperationCanceledException) when (work.Cancellation.IsCancellationRequested)
        {
            // Stopping, or it is not to be made any more.
        }
        catch (Exception failed)
        {
            work.Rest(failed.Message, time.GetTimestamp());
            Log.NotMade(log, vDisk.Name, making.Number, failed.Message);
        }
        finally
        {
            work.End();
            if (!work.IsResting)
                _works.TryRemove((vDisk.Id, making.Number), out _);
        }
    }

    /// <returns>Why it cannot be made here; null: it is made, or another server's to make.</returns>
    private async Task<string?> TryMakeAsync(VDiskState vDisk, VersionMaking making, Work work)
    {
        if (vDisk.Version(making.Top) is not { } top || !store.HoldsChain(top.Image))
            return null;
        var device = making.Writer is { } id ? farm.View.Current.Device(id) : null;
        if (making.Writer is not null && (device?.Boot is null || !await sealing.IsHereAsync(device)))
            return null;
        // After a restart it is made as it was begun.
        var layer = making.Server == server ? making.Layer : new(farm.Services.NewGuid());
        var claim = new ClaimMaking(vDisk.Id, making.Number, server, layer, making.Server);
        if (await farm.AskAsync(farm.VDisks, claim) is not Reply.Done)
            return null;
        var chain = vDisk.LayersOf(top);
        var merge = new LayerMerge(
            farm.Identity.Farm,
            layer,
            vDisk.Name,
            chain,
            making.Below is { } below ? vDisk.LayersOf(vDisk.Version(below)!).Length : 0,
            device?.Boot!.Cache
        );
        if (device is not null && !store.Holds(layer) && await SealAsync(device, work) is { } open)
            return open;
        var made = await MergeAsync(merge, work);
        if (made.Value is not { } manifest)
            return made.Fault!.ToString();
        if (device is null && await WhyOtherAsync(merge, work) is { } other)
        {
            store.DeleteImage(layer);
            return other;
        }
        var reply = await farm.AskAsync(
            farm.VDisks,
            new AddVersion(
                vDisk.Id,
                layer,
                manifest.DiskBytes,
                manifest.Sha256,
                top.HasKernel,
                top.KernelArguments,
                Number: making.Number
            )
        );
        if (reply is Reply.Done)
            Log.Made(log, vDisk.Name, making.Number, layer);
        else if (reply is Reply.Refused { Refusal: Refusal.NotFound })
            store.DeleteImage(layer);
        return (reply as Reply.Refused)?.Reason;
    }

    private async Task<string?> SealAsync(DeviceState device, Work work)
    {
        for (var attempt = 1; ; attempt++)
        {
            var waits = await sealing.SealAsync(device, work.Cancellation);
            if (waits is null || attempt == SealsMax)
                return waits;
            work.Waits(waits);
            await Task.Delay(s_interval, time, work.Cancellation);
            device = farm.View.Current.Device(device.Id) ?? device;
        }
    }

    private async Task<StoreOutcome<ImageManifest>> MergeAsync(LayerMerge merge, Work work)
    {
        while (true)
        {
            if (merge.Cache is { } cache)
                await release(cache);
            var made = await store.MergeAsync(
                merge,
                time,
                work.Part(0, merge.Cache is null ? ShareOfMerge : 100),
                rate.TakeAsync,
                work.Cancellation
            );
            if (made.Fault is not { Kind: StoreFaultKind.InUse } inUse)
                return made;
            work.Waits($"{inUse.Detail}, at most hatchery.mirroring.copy-idle-timeout after its device has gone");
            await Task.Delay(s_interval, time, work.Cancellation);
        }
    }

    /// <summary>Both are read whole: a version that has taken the place of others has to be the same, to the last byte.</summary>
    private async Task<string?> WhyOtherAsync(LayerMerge merge, Work work)
    {
        const int Half = (ShareOfMerge + 100) / 2;
        var (before, lost) = await store.HashContentAsync(
            merge.Farm,
            merge.Chain,
            work.Part(ShareOfMerge, Half),
            rate.TakeAsync,
            work.Cancellation
        );
        var (after, fault) = await store.HashContentAsync(
            merge.Farm,
            [.. merge.Chain[..merge.Below], merge.Layer],
            work.Part(Half, 100),
            rate.TakeAsync,
            work.Cancellation
        );
        return (lost ?? fault)?.ToString()
            ?? (
                before == after
                    ? null
                    : $"what was made reads {after}, and what it was made of {before}: it is not used"
            );
    }

    private async Task AskAsync(IVDiskCommand command)
    {
        try
        {
            await farm.AskAsync(farm.VDisks, command);
        }
        catch (Exception away) when (away is AskTimeoutException or TimeoutException)
        {
            // It is asked again.
        }
    }

    private bool IsUp(string name) =>
        farm.Services.Servers().Any(s => s.Status.Name == name && s.State == ServerState.Up);

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
                try
                {
                    await LookAsync();
                }
                catch (Exception failed) when (failed is not OperationCanceledException)
                {
                    Log.NotMade(log, "*", 0, failed.Message);
                }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
