using System.Globalization;
using Hatchery.Devices;
using Hatchery.Devices.Tests;
using Hatchery.Disks;
using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Server.Tests;

public sealed class VersionNoticesTests
{
    private const int Devices = 2000;
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly VDiskId s_disk = new(Guid.Parse("22222222222222222222222222222222"));

    /// <summary>Of which there is room for a quarter at once.</summary>
    [Fact]
    public async Task Each_of_many_machines_is_told_that_its_version_was_replaced_and_no_step_of_a_boot_is_dropped_for_it()
    {
        using var database = new TestDatabase();
        var (farm, opened) = (await Farm.OpenAsync(database.Open(), TimeProvider.System), database.Open());
        var log = NullLogger<TimelineLog>.Instance;
        await using var timeline = new TimelineLog(opened, log, TimeProvider.System, Devices / 4, batchMax: 64);
        var told = 0;
        using var watching = timeline.Watch(step =>
            Interlocked.Add(ref told, step.Step == BootSteps.VersionReplaced ? 1 : 0)
        );
        timeline.Add(new(IdOf(0), s_now, BootSteps.ScriptSent, "one", "a boot"));
        var silent = NullLogger<VersionNotices>.Instance;
        await using (new VersionNotices(farm, "one", _ => true, timeline, silent))
        {
            Fill(farm.Services.View);
            await Eventually.TrueAsync(() => Volatile.Read(ref told) == Devices, TimeSpan.FromMinutes(2));
        }
        await timeline.DisposeAsync();
        await using var connection = await opened.ConnectAsync();
        await using var count = connection.CreateCommand();
        count.CommandText = "SELECT count(*) FROM timeline";
        Assert.Equal(Devices + 1, Convert.ToInt32(await count.ExecuteScalarAsync(), CultureInfo.InvariantCulture));
    }

    /// <summary>All devices keep a write cache on version 1, which version 2 then replaces.</summary>
    private static void Fill(FarmView view)
    {
        for (var i = 0; i < Devices; i++)
            Apply(
                view,
                PersistenceIds.Of(IdOf(i)),
                new DeviceAdded($"pc{i}", [new(0x525400000000 + (ulong)i)], null, s_now),
                new VDiskAssigned(s_disk, BootTransport.San, s_now, DiskMode.Differencing),
                new BootStarted(
                    new(Guid.NewGuid()),
                    s_disk,
                    1,
                    LayerOf(1),
                    LayerOf(3 + i),
                    new(1),
                    "one",
                    s_now,
                    DiskMode.Differencing
                )
            );
        Apply(
            view,
            PersistenceIds.Of(s_disk),
            new VDiskCreated("guest", s_now),
            new VersionAdded(1, LayerOf(1), 1 << 20, "ab", false, null, s_now),
            new VersionCreated(2, LayerOf(2), 1 << 20, "ab", false, null, null, null, null, s_now),
            new VersionPromoted(2, VersionAccess.Production, null, s_now)
        );
    }

    private static void Apply(FarmView view, string id, params object[] happened)
    {
        for (var i = 0; i < happened.Length; i++)
            view.Apply(id, i + 1, happened[i]);
    }

    private static DeviceId IdOf(int device) => new(new Guid(device, 7, 0, new byte[8]));

    private static LayerId LayerOf(int number) => new(new Guid(number, 0, 0, new byte[8]));
}
