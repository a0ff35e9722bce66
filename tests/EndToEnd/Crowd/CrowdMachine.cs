using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;

namespace EndToEnd;

/// <summary>When a machine had come how far, since it was switched on, and what it had to do again on the way.</summary>
internal sealed record CrowdBoot(
    TimeSpan Address,
    TimeSpan Program,
    TimeSpan Script,
    TimeSpan Disk,
    TimeSpan Read,
    IPAddress Own,
    IReadOnlyList<string> Again
);

/// <summary>
/// A BIOS machine with a PXE ROM, without its processor: DHCP, the boot program by TFTP, DHCP once more as iPXE, its script by HTTP, and
/// then its disk by iSCSI, or kernel and initramfs by HTTP and the disk by NBD. Where a step fails, it does what such a machine does.
/// </summary>
internal sealed partial class CrowdMachine(CrowdNetwork network, CrowdRelay relay, MacAddress mac) : IAsyncDisposable
{
    /// <summary>Of its disk, in requests of 64 KiB one after the other, from a place of its own on.</summary>
    public const int ReadBytes = 2 << 20;

    /// <summary>Some four minutes.</summary>
    private const int TriesMax = 20;

    private const int RequestBytes = 64 << 10;
    private const int WriteBytes = 4 << 10;

    private static readonly DhcpOptions s_rom = DhcpOptions
        .None.With(DhcpOptionCode.VendorClass, "PXEClient:Arch:00000:UNDI:002001")
        .With(DhcpOptionCode.ClientArchitecture, [0, 0])
        .With(DhcpOptionCode.ParameterRequestList, [1, 3, 43, 60, 66, 67, 128, 129, 130, 131, 132, 133, 134, 135]);

    private static readonly DhcpOptions s_ipxe = DhcpOptions
        .None.With(DhcpOptionCode.VendorClass, "PXEClient:Arch:00000:UNDI:002001")
        .With(DhcpOptionCode.ClientArchitecture, [0, 0])
        .With(DhcpOptionCode.UserClass, "iPXE")
        .With(DhcpOptionCode.Ipxe, [0x13, 1, 1])
        .With(DhcpOptionCode.ParameterRequestList, [1, 3, 6, 43, 60, 66, 67, 119, 175, 203]);

    private readonly List<string> _again = [];
    private ICrowdDisk? _disk;
    private (IReadOnlyList<IPEndPoint> Servers, string Name, bool IsIscsi) _target;
    private PersistentMachine? _running;
    private IPAddress _own = IPAddress.Any;

    /// <summary>Switches it on; done when it has read its disk, and written and read back a block. Its disk stays open.</summary>
    public async Task<CrowdBoot> BootAsync(CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        TimeSpan Now() => Stopwatch.GetElapsedTime(began);
        var (address, program) = (TimeSpan.Zero, TimeSpan.Zero);
        // A ROM that gets nothing tries its next boot device, which is the network again.
        var script = await TryAsync(
            "firmware",
            async () =>
            {
                var rom = await relay.JoinAsync(mac, s_rom, cancellation);
                (_own, address) = (rom.YourAddress, Now());
                await CrowdFiles.TftpAsync(network, _own, rom.NextServer, rom.BootFile, cancellation);
                program = Now();
                var ipxe = await relay.JoinAsync(mac, s_ipxe, cancellation);
                return new Uri(
                    ipxe.BootFile.Length > 0 ? ipxe.BootFile : ipxe.Options.Text(DhcpOptionCode.BootFileName)!
                );
            },
            cancellation
        );
        var (got, disk) = (TimeSpan.Zero, TimeSpan.Zero);
        _disk = await TryAsync(
            "script",
            async () =>
            {
                var (_, text) = await CrowdFiles.HttpAsync(network, _own, script, keeps: true, cancellation);
                got = Now();
                var opened = await AttachAsync(text, cancellation);
                disk = Now();
                return opened;
            },
            cancellation
        );
        await WorkAsync(_disk, cancellation);
        return new(address, program, got, disk, Now(), _own, _again);
    }

    /// <summary>What runs on a machine that has booted, as <c>hatchery-root</c> has it: it knows all servers that its script names. Ends with this machine.</summary>
    /// <param name="further">Names of servers that did not take its boot and may take it over, which it asks its server for.</param>
    public async Task<PersistentMachine> RunAsync(PersistentWork work, params IEnumerable<string> further)
    {
        await _disk!.DisposeAsync();
        _disk = null;
        return _running = new(
            () => network.Open(_own, SocketType.Stream, ProtocolType.Tcp),
            _target.Servers.Union(
                further.Select(s => new IPEndPoint(IPAddress.Parse(FarmLab.AddressOf(s)), _target.Servers[0].Port))
            ),
            _target.Name,
            _target.IsIscsi,
            work
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
            await _running.DisposeAsync();
        if (_disk is not null)
            await _disk.DisposeAsync();
    }

    /// <summary>As a script of ours has it: again after 1, 2, 4, 8, 16, 16 ... seconds.</summary>
    private async Task<T> TryAsync<T>(string what, Func<Task<T>> step, CancellationToken cancellation)
    {
        for (var pause = 1; ; pause = Math.Min(2 * pause, 16))
        {
            try
            {
                return await step();
            }
            catch (Exception failed) when (failed is IOException or SocketException or TimeoutException)
            {
                _again.Add($"{what}: {failed.Message}");
                if (_again.Count == TriesMax)
                    throw new InvalidOperationException($"{mac} does not boot: {string.Join("; ", _again)}", failed);
                await Task.Delay(TimeSpan.FromSeconds(pause), cancellation);
            }
        }
    }

    /// <summary>Does what the script says, at the servers that it names, in their order.</summary>
    private async Task<ICrowdDisk> AttachAsync(string script, CancellationToken cancellation)
    {
        if (San().Matches(script) is { Count: > 0 } portals)
        {
            _target = (
                [.. portals.Select(p => IPEndPoint.Parse($"{p.Groups[1].ValueSpan}:{p.Groups[2].ValueSpan}"))],
                portals[0].Groups[3].Value,
                true
            );
            return await FirstAsync(
                _target.Servers,
                async server =>
                    await IscsiCrowdDisk.LogInAsync(
                        portal => network.ConnectAsync(_own, portal, cancellation),
                        server,
                        _target.Name,
                        $"iqn.2010-04.org.ipxe:{mac}",
                        cancellation
                    )
            );
        }
        if (!Root().IsMatch(script))
            throw new IOException($"nothing to boot: {script}");
        foreach (var file in new[] { Kernel(), Initrd() })
            await FirstAsync(
                file.Matches(script),
                f => CrowdFiles.HttpAsync(network, _own, new(f.Groups[1].Value), keeps: false, cancellation)
            );
        var root = Root().Match(script);
        _target = ([.. root.Groups[1].Value.Split(',').Select(IPEndPoint.Parse)], root.Groups[2].Value, false);
        return await FirstAsync(
            _target.Servers,
            async server =>
                await NbdCrowdDisk.LogInAsync(
                    await network.ConnectAsync(_own, server, cancellation),
                    _target.Name,
                    cancellation
                )
        );
    }

    /// <summary>The first that works; what the last says, where none does.</summary>
    private async Task<T> FirstAsync<TFrom, T>(IReadOnlyList<TFrom> from, Func<TFrom, Task<T>> attempt)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await attempt(from[i]);
            }
            catch (Exception failed) when (i + 1 < from.Count && failed is IOException or SocketException)
            {
                _again.Add($"next server: {failed.Message}");
            }
        }
    }

    /// <summary>Reads what the image has there, then writes a block of its own over it and reads that.</summary>
    private async Task WorkAsync(ICrowdDisk disk, CancellationToken cancellation)
    {
        var buffer = new byte[RequestBytes];
        var start = (long)(mac.GetHashCode() & 0xf) * ReadBytes;
        for (var offset = start; offset < start + ReadBytes; offset += RequestBytes)
        {
            await disk.ReadAsync(offset, buffer, cancellation);
            if (!CrowdImage.Is(offset, buffer))
                throw new InvalidOperationException($"{mac}: other bytes than the image's at {offset}");
        }
        var own = new byte[WriteBytes];
        new Random(mac.GetHashCode()).NextBytes(own);
        await disk.WriteAsync(start, own, cancellation);
        await disk.ReadAsync(start, buffer.AsMemory(0, WriteBytes), cancellation);
        if (!buffer.AsSpan(0, WriteBytes).SequenceEqual(own))
            throw new InvalidOperationException($"{mac}: other bytes than it wrote");
    }

    [GeneratedRegex(@" iscsi:([0-9.]+)::(\d+):0:(\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex San();

    [GeneratedRegex(@"kernel --name kernel (http://\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Kernel();

    [GeneratedRegex(@"initrd --name initrd (http://\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Initrd();

    [GeneratedRegex(@"hatchery\.root=nbd:([^/ ]+)/(\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Root();
}
