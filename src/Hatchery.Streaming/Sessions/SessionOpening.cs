using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming;

/// <summary>
/// The way from a login to an open disk: the keeper's grant, the end of the session before, the disk, and for a boot the keeper's word that
/// nobody else was faster.
/// </summary>
internal sealed class SessionOpening(DeviceId device, StreamerServices services, ILogger log)
{
    /// <summary>How often a keeper is asked for one login, as somebody else was faster.</summary>
    private const int AttemptsMax = 3;

    /// <summary>How long each of a keeper's answers is waited for: what is sent to a server that has just died is lost, and the keeper elsewhere soon.</summary>
    private static readonly TimeSpan[] s_patience = [.. new[] { 1, 1, 2, 4 }.Select(s => TimeSpan.FromSeconds(s))];

    private readonly DeviceReturns _returns = new(services.Time);

    /// <summary>Never fails.</summary>
    /// <param name="obstacle">Why this server cannot stream the disk; null: it can.</param>
    /// <param name="follows">The epoch that this server was told to follow; null: a device logs in.</param>
    /// <param name="current">The session that the grant puts an end to; without a grant it goes on.</param>
    public async Task<SessionOpened> OpenAsync(
        BootId? boot,
        string? obstacle,
        Epoch? follows,
        LiveSession? current,
        Action<LiveSession> onReleased
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            var opened = await TryAsync(boot, obstacle, follows, current, onReleased);
            if (
                attempt == AttemptsMax
                || follows is not null
                || opened is not SessionOpened.Not { Failure: OpeningFailure.Overtaken }
            )
                return opened;
        }
    }

    /// <summary>Without a machine; never fails.</summary>
    public async Task<SessionOpened> OpenUnattendedAsync(SessionGrant grant)
    {
        try
        {
            var disk = await services.Disks.OpenAsync(grant, CancellationToken.None, isUnattended: true);
            return new SessionOpened.Live(new(grant, disk, _ => { }, log) { IsUnattended = true });
        }
        catch (Exception lost)
        {
            return NotOpened(grant, lost) with { IsUnattended = true };
        }
    }

    private async Task<SessionOpened> TryAsync(
        BootId? boot,
        string? obstacle,
        Epoch? follows,
        LiveSession? current,
        Action<LiveSession> onReleased
    )
    {
        var reply = follows is { } epoch
            ? await AskAsync(
                new OpenSession(device, boot, services.Server, Obstacle: obstacle, Follows: epoch),
                [s_patience[0]]
            )
            : await AskToOpenAsync(boot, obstacle);
        if (reply is not SessionGrant grant)
            return reply is Reply.Elsewhere elsewhere
                ? new SessionOpened.Not(LoginRefusal.Unavailable, elsewhere.Reason)
                {
                    Server = elsewhere.Server,
                    MayGo = true,
                }
                : Refused(reply, granted: null);
        // The keeper has raised the epoch: whatever was open here is over, and nothing of it may be in flight when the new one opens.
        if (current is not null)
            await current.DisposeAsync();
        ISessionDisk disk;
        try
        {
            if (grant.Retired is { } retired)
                services.Disks.SetAside(retired);
            disk = await services.Disks.OpenAsync(grant, CancellationToken.None);
        }
        catch (Exception lost)
        {
            Log.DiskNotOpened(log, lost, device, grant.Epoch);
            return NotOpened(grant, lost);
        }
        var session = new LiveSession(grant, disk, onReleased, log);
        // Those who have its write cache have confirmed it.
        if (!grant.MakesCache)
            return new SessionOpened.Live(session);
        var confirmed = await AskAsync(new ConfirmSession(device, grant.Epoch, services.Server), s_patience);
        if (confirmed is Reply.Done)
        {
            disk.Start();
            return new SessionOpened.Live(session);
        }
        await session.DisposeAsync();
        return Refused(confirmed, grant.Epoch);
    }

    private static SessionOpened.Not NotOpened(SessionGrant grant, Exception lost)
    {
        var disk = lost as SessionDiskException;
        var failure = disk?.Failure ?? OpeningFailure.TryAgain;
        var isGone = failure == OpeningFailure.MustBoot;
        return new(
            isGone ? LoginRefusal.NotFound : LoginRefusal.Unavailable,
            isGone ? $"{lost.Message}; {WhatToDo(grant)}" : lost.Message
        )
        {
            Granted = grant.Epoch,
            Failure = failure,
            // A boot that never had its disk has nothing to go on with.
            IsBootOver = isGone || grant.MakesCache,
            Server = disk?.Elsewhere,
            MayGo = failure == OpeningFailure.Elsewhere,
        };
    }

    /// <summary>A boot on a write cache that was kept would find it again: nothing that a machine wrote to keep is thrown away by itself.</summary>
    private static string WhatToDo(SessionGrant grant) =>
        grant is { IsNewBoot: true, MakesCache: false, Plan.Mode: DiskMode.Maintenance }
            ? "what it wrote is a version in maintenance, and is not thrown away by itself: pbm vdisk version delete VDISK --version NUMBER gives it up"
        : grant is { IsNewBoot: true, MakesCache: false }
            ? "what it wrote is kept for its boots, and is not thrown away by itself: pbm device assign DEVICE VDISK --mode standard has it boot with a clean one, and sets this one aside"
        : "the device has to boot";

    private async Task<Reply> AskToOpenAsync(BootId? boot, string? obstacle)
    {
        var without = services.WithoutKeeper;
        var row = boot is null ? null : await without.LookAsync(device);
        var login = new OpenSession(
            device,
            boot,
            services.Server,
            services.HearsStreamer(device),
            obstacle,
            Guid.NewGuid(),
            row?.Epoch ?? default
        );
        // A keeper that is here is slow for the same reason as everything here.
        var isSlow = without.WasHere(login) ? AnswersShardAsync(without.Patience) : Task.FromResult(false);
        return row is not null && (!row.HasCache || without.IsGone(row, login)) && await GoOnAsync() is { } own
            ? own
            : await AskAsync(login, [without.Patience, .. s_patience], GoOnAsync);

        async Task<Reply?> GoOnAsync()
        {
            if (await isSlow)
                return null;
            var reply = await without.TryAsync(login with { HearsStreamer = services.HearsStreamer(device) }, _returns);
            if (reply is not null)
                Log.WithoutKeeper(log, device, (reply as SessionGrant)?.Epoch ?? login.Seen);
            return reply;
        }
    }

    /// <summary>False where the shard of the device's keeper has moved, and nobody says where it is.</summary>
    private async Task<bool> AnswersShardAsync(TimeSpan limit)
    {
        try
        {
            await services.Keepers().Ask<FindShard>(FindShard.Of(device), limit);
            return true;
        }
        catch (AskTimeoutException)
        {
            return false;
        }
    }

    /// <param name="otherwise">What to do whenever no answer came in time; null from it: to go on asking.</param>
    private async Task<Reply> AskAsync(
        IDeviceCommand command,
        IEnumerable<TimeSpan> patience,
        Func<Task<Reply?>>? otherwise = null
    )
    {
        var reason = "";
        foreach (var limit in patience)
        {
            try
            {
                return await services.Keepers().Ask<Reply>(command, limit);
            }
            catch (AskTimeoutException late)
            {
                reason = late.Message;
            }
            catch (Exception away)
            {
                reason = away.Message;
                break;
            }
            if (otherwise is not null && await otherwise() is { } other)
                return other;
            SayThatItWaits();
        }
        return new Reply.Refused(Refusal.Unavailable, $"the device's keeper does not answer: {reason}");
    }

    private void SayThatItWaits()
    {
        const string why = "its keeper does not answer: the server where that was may have died; it is asked again";
        Log.Waits(log, device, why);
        services.Timeline(new(device, services.Time.GetUtcNow(), BootSteps.Waits, services.Server, why));
    }

    private static SessionOpened.Not Refused(Reply reply, Epoch? granted)
    {
        var (refusal, reason) = reply is Reply.Refused refused
            ? (refused.Refusal, refused.Reason)
            : (Refusal.Unavailable, $"the keeper answered {reply.GetType().Name}");
        return new(
            refusal switch
            {
                Refusal.NotFound => LoginRefusal.NotFound,
                Refusal.Stale => LoginRefusal.NotAuthorized,
                _ => LoginRefusal.Unavailable,
            },
            reason
        )
        {
            Granted = granted,
        };
    }
}

/// <summary>What came of an opening.</summary>
internal abstract record SessionOpened
{
    private SessionOpened() { }

    public sealed record Live(LiveSession Session) : SessionOpened;

    public sealed record Not(LoginRefusal Refusal, string Reason) : SessionOpened
    {
        /// <summary>The epoch that the keeper had granted: the session before is over.</summary>
        public Epoch? Granted { get; init; }

        /// <summary>Why the disk was not opened in that epoch.</summary>
        public OpeningFailure Failure { get; init; }

        public bool IsBootOver { get; init; }

        /// <summary>No machine waits for it.</summary>
        public bool IsUnattended { get; init; }

        /// <summary>Another server has the session, or may have it: the device is sent there where its protocol can do that.</summary>
        public bool MayGo { get; init; }

        /// <summary>That server; null: any that takes boots.</summary>
        public string? Server { get; init; }
    }
}
