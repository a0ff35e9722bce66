using System.Collections.Concurrent;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Net;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Hatchery.Boot.Tests;

/// <summary>A farm that answers every machine with one plan and keeps what was reported.</summary>
internal sealed class RecordingDirectory(BootPlan? plan = null) : IBootDirectory
{
    public ConcurrentQueue<BootProgress> Reported { get; } = new();

    public ConcurrentQueue<BootClient> Asked { get; } = new();

    /// <summary>Why nobody is admitted; null: everybody is.</summary>
    public string? NotAdmitted { get; set; }

    public ValueTask<string?> AdmitAsync(BootClient client, CancellationToken cancellation) => new(NotAdmitted);

    public BootPlan Plan(BootClient client)
    {
        Asked.Enqueue(client);
        return plan ?? new BootPlan.Nothing("this machine is not known here");
    }

    public Dictionary<MacAddress, DhcpOptions> Options { get; } = [];

    public DhcpOptions OptionsOf(MacAddress mac) => Options.GetValueOrDefault(mac) ?? DhcpOptions.None;

    public void Report(BootProgress progress) => Reported.Enqueue(progress);

    /// <summary>One that knows nobody's address.</summary>
    public BootTimeline Timeline() =>
        new(this, Substitute.For<ILeaseStore>(), Substitute.For<IHostNetwork>(), NullLogger<BootTimeline>.Instance);
}
