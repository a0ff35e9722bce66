using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Hatchery.Boot.Files;
using Hatchery.Boot.Net;
using Hatchery.Devices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Http;

/// <summary>
/// Serves boot programs and kernels on Kestrel's connections, below its HTTP, so that their bytes go from the page cache to the
/// socket by sendfile(2). A connection that asks for anything else is Kestrel's from there on, with every byte that it sent.
/// </summary>
public sealed class FileConnections(
    BootTimeline timeline,
    HttpBootSettings settings,
    TimeProvider time,
    ILogger<FileConnections> logger
)
{
    /// <summary>What is sent in one go, and has to be taken within the patience: 70 KB/s at least.</summary>
    private const int PartBytes = 4 << 20;
    private static readonly TimeSpan s_sendPatience = TimeSpan.FromSeconds(60);

    /// <summary>How long a request may take to come, the first and those after it.</summary>
    private static readonly TimeSpan s_requestPatience = TimeSpan.FromSeconds(15);

    private readonly BootFolder _programs = BootPrograms.In(settings.ProgramFolder);
    private readonly BootFolder _files = new(settings.FileFolder);

    /// <summary>Has the connections of a listener ask here first.</summary>
    public void Serve(ListenOptions listener) =>
        listener.Use(next =>
            async connection =>
            {
                if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
                    throw new InvalidOperationException("boot files are served over sockets");
                if (await RunAsync(connection, socket))
                    await next(connection);
            }
        );

    /// <summary>Answers requests for files until one asks for something else.</summary>
    /// <returns>False when the connection is done with.</returns>
    private async Task<bool> RunAsync(ConnectionContext connection, Socket socket)
    {
        while (true)
        {
            var (read, request) = await ReadAsync(connection);
            if (read == FileRequestRead.Other)
                return true;
            if (read == FileRequestRead.Incomplete)
                return false;
            var place = connection.Features.Get<ServiceCap.Place>();
            place?.SetIdle(isIdle: false);
            if (!await AnswerAsync(connection, socket, request))
                return false;
            place?.SetIdle(isIdle: true);
        }
    }

    private async Task<(FileRequestRead, FileRequest?)> ReadAsync(ConnectionContext connection)
    {
        var closing =
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var limit = new CancellationTokenSource(s_requestPatience, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(
            limit.Token,
            connection.ConnectionClosed,
            closing
        );
        try
        {
            while (true)
            {
                var result = await connection.Transport.Input.ReadAsync(patience.Token);
                var read = FileRequest.TryRead(First(result.Buffer), out var request, out var headBytes);
                if (read != FileRequestRead.Incomplete)
                {
                    // Kestrel gets every byte; of a file's request the head is ours, and there is no more of a bad one to be read.
                    connection.Transport.Input.AdvanceTo(result.Buffer.GetPosition(headBytes));
                    return (read, request);
                }
                connection.Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (result.IsCompleted)
                    return (FileRequestRead.Incomplete, null);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or ConnectionAbortedException or IOException)
        {
            return (FileRequestRead.Incomplete, null);
        }
    }

    private static byte[] First(ReadOnlySequence<byte> bytes) =>
        bytes.Slice(0, Math.Min(bytes.Length, FileRequest.HeadBytesMax)).ToArray();

    /// <returns>Whether there may be another request.</returns>
    private async Task<bool> AnswerAsync(ConnectionContext connection, Socket socket, FileRequest? request)
    {
        var (opened, step) = request is null ? (null, default) : Open(request.Path);
        using var content = opened;
        var reply =
            request is null ? FileReply.BadRequest
            : content is null ? FileReply.NotFound
            : FileReply.Of(request, content);
        var keepsAlive = request?.KeepsAlive == true;
        var sent = await SendAsync(connection, socket, reply, content, keepsAlive);
        var name = Printable(content?.Name ?? request?.Path ?? "a bad request");
        var client = (connection.RemoteEndPoint as IPEndPoint)?.Address.Unmapped();
        logger.FileAnswered(name, client, reply.Status, sent);
        Telemetry.HttpFiles.Add(1, new KeyValuePair<string, object?>("status", reply.Status));
        Telemetry.HttpFileBytes.Add(sent);
        if (client is not null && request is { IsHead: false } && reply.Status is 200 or 404)
            await ReportAsync(client, step, name, reply, sent);
        return keepsAlive && sent == reply.Count;
    }

    private Task ReportAsync(IPAddress client, BootStep step, string name, FileReply reply, long sent) =>
        reply.Status == 404 ? timeline.ReportAsync(client, BootStep.TransferFailed, $"{name} by HTTP: no such file")
        : sent < reply.Count
            ? timeline.ReportAsync(
                client,
                BootStep.TransferFailed,
                $"{name} by HTTP: ended after {sent} of {reply.Count} bytes"
            )
        : timeline.ReportAsync(client, step, name);

    private (BootContent?, BootStep) Open(string path)
    {
        var (area, name) = path.Split('/', 3) is ["", var first, var rest] ? (first, rest) : ("", "");
        if (area == "ipxe")
            return (_programs.TryOpen(name), BootStep.BootstrapSent);
        if (area == "capture")
            return name == "kernel"
                ? (settings.Capture?.OpenKernel(), BootStep.KernelSent)
                : (name == "initrd" ? settings.Capture?.OpenInitrd() : null, BootStep.InitrdSent);
        var isGiven = settings.FileNames.Contains(Path.GetFileName(name), StringComparer.Ordinal);
        var step = name.EndsWith("/kernel", StringComparison.Ordinal) ? BootStep.KernelSent : BootStep.InitrdSent;
        return (isGiven ? _files.TryOpen(name) : null, step);
    }

    /// <returns>Bytes of the file that were sent.</returns>
    private async Task<long> SendAsync(
        ConnectionContext connection,
        Socket socket,
        FileReply reply,
        BootContent? content,
        bool keepsAlive
    )
    {
        var head = reply.Head(keepsAlive, time.GetUtcNow());
        using var sender = new FileSender(socket);
        long sent = 0;
        try
        {
            do
            {
                var part = (int)Math.Min(PartBytes, reply.Count - sent);
                await using var limit = time.CreateTimer(
                    static slow =>
                        ((ConnectionContext)slow!).Abort(new ConnectionAbortedException("it takes too slowly")),
                    connection,
                    s_sendPatience,
                    Timeout.InfiniteTimeSpan
                );
                await sender.SendAsync(head, content, reply.Offset + sent, part);
                head = [];
                sent += part;
            } while (sent < reply.Count);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The machine was switched off, or took too slowly: whoever reports sees that bytes are missing.
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            logger.FileNotSent(content!.Name, unreadable.Message);
        }
        return sent;
    }

    /// <summary>It goes to logs and consoles.</summary>
    private static string Printable(string text) =>
        string.Concat(text.Take(100).Select(c => c is < ' ' or > '~' ? '?' : c));
}
