using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Hatchery.Boot.Files;
using Hatchery.Boot.Net;
using Hatchery.Devices;
using Hatchery.Wire.Tftp;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Tftp;

/// <summary>All transfers that are running, at most one a client's port and not more than the settings allow.</summary>
internal sealed class TftpTransfers(
    TftpSettings settings,
    BootFolder files,
    BootTimeline timeline,
    IHostNetwork network,
    TimeProvider time,
    ILogger logger
)
{
    private readonly ConcurrentDictionary<IPEndPoint, Task> _running = new();
    private readonly ServiceCap _cap = new("tftp", settings.MaxTransfers, settings.MaxPerAddress);

    public ServiceUse Use => _cap.Use;

    /// <summary>Answers a request from a port of its own; a request that is being answered already is a repetition.</summary>
    public void Begin(
        TftpPacket request,
        IPEndPoint client,
        IPAddress local,
        string interfaceName,
        CancellationToken stop
    )
    {
        if (_running.ContainsKey(client))
            return;
        var place = _cap.TryEnter(client.Address, out var refusal);
        if (place is null)
        {
            Count("full");
            logger.TftpFull(client, refusal!);
            return;
        }
        var given = CancellationTokenSource.CreateLinkedTokenSource(stop);
        place.OnEvicted(given.Cancel);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[client] = RunAsync();
        gate.SetResult();

        async Task RunAsync()
        {
            await gate.Task;
            try
            {
                await AnswerAsync(request, client, local, interfaceName, place, given.Token);
            }
            catch (Exception) when (given.IsCancellationRequested)
            {
                // The service ends, and the client will ask another server; or its place went to one that answers.
                if (!stop.IsCancellationRequested)
                    Count("given up");
            }
            catch (Exception e)
            {
                Count("failed");
                logger.TftpFailed(NameOf(request), client, e);
            }
            finally
            {
                _running.TryRemove(client, out _);
                place.Dispose();
                given.Dispose();
            }
        }
    }

    public Task EndAsync() => Task.WhenAll(_running.Values);

    private async Task AnswerAsync(
        TftpPacket packet,
        IPEndPoint client,
        IPAddress local,
        string interfaceName,
        ServiceCap.Place place,
        CancellationToken stop
    )
    {
        using var socket = network.Open(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.BindToInterface(interfaceName);
        socket.Bind(new IPEndPoint(local, 0));
        await socket.ConnectAsync(client, stop);
        if (packet is not TftpPacket.ReadRequest request)
        {
            await RefuseAsync(socket, packet, client, TftpErrorCode.AccessViolation, "files can be read only", stop);
            return;
        }
        if (!string.Equals(request.Mode, "octet", StringComparison.OrdinalIgnoreCase))
        {
            var reason = "only binary transfers (mode octet)";
            await RefuseAsync(socket, packet, client, TftpErrorCode.NotDefined, reason, stop);
            return;
        }
        using var content = files.TryOpen(request.FileName);
        if (content is null)
        {
            await RefuseAsync(socket, packet, client, TftpErrorCode.FileNotFound, "no such file", stop);
            return;
        }
        await SendAsync(socket, request, content, client, place, stop);
    }

    private async Task SendAsync(
        Socket socket,
        TftpPacket.ReadRequest request,
        BootContent content,
        IPEndPoint client,
        ServiceCap.Place place,
        CancellationToken stop
    )
    {
        var began = time.GetTimestamp();
        var negotiation = TftpNegotiation.Of(request.Options, content.LengthBytes, settings);
        var transfer = new TftpTransfer(socket, content, negotiation, settings.MaxTries, time)
        {
            Answered = () => place.SetIdle(isIdle: false),
        };
        if (await transfer.RunAsync(stop) is { } reason)
        {
            Count("ended early");
            logger.TftpEnded(NameOf(request), client, reason);
            if (reason != TftpTransfer.OnlyAsked)
                await timeline.ReportAsync(
                    client.Address,
                    BootStep.TransferFailed,
                    $"{content.Name} by TFTP: {reason}"
                );
            return;
        }
        Count("complete");
        Telemetry.TftpBytes.Add(content.LengthBytes);
        logger.TftpSent(NameOf(request), client, content.LengthBytes, time.GetElapsedTime(began));
        await timeline.ReportAsync(client.Address, BootStep.BootstrapSent, content.Name);
    }

    private async Task RefuseAsync(
        Socket socket,
        TftpPacket request,
        IPEndPoint client,
        TftpErrorCode code,
        string reason,
        CancellationToken stop
    )
    {
        Count("refused");
        logger.TftpRefused(NameOf(request), client, reason);
        var buffer = new ArrayBufferWriter<byte>(64);
        new TftpPacket.Error(code, reason).Write(buffer);
        await socket.SendAsync(buffer.WrittenMemory, SocketFlags.None, stop);
        await timeline.ReportAsync(client.Address, BootStep.TransferFailed, $"{NameOf(request)} by TFTP: {reason}");
    }

    private static string NameOf(TftpPacket packet)
    {
        var name = packet switch
        {
            TftpPacket.ReadRequest request => request.FileName,
            TftpPacket.WriteRequest request => request.FileName,
            _ => "",
        };
        return string.Concat(name.Take(100).Select(c => char.IsControl(c) ? '?' : c));
    }

    private static void Count(string result) =>
        Telemetry.TftpTransfers.Add(1, new KeyValuePair<string, object?>("result", result));
}
