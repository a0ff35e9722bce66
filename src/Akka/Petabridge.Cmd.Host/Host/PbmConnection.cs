using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text.Json;
using Akka.Actor;
using Akka.Event;
using Petabridge.Cmd.Protocol;

namespace Petabridge.Cmd.Host;

/// <summary>One pbm: sends it the palettes, then runs its commands, each in an actor of its own that can be cancelled.</summary>
internal sealed class PbmConnection : ReceiveActor, IWithTimers
{
    private const int CommandsMax = 16;

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly ImmutableArray<CommandPaletteHandler> _handlers;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, IActorRef> _palettes = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _closed = new();
    private readonly string _remote;
    private readonly IActorRef _listener;
    private readonly TimeSpan _idleTimeout;

    public PbmConnection(
        TcpClient client,
        ImmutableArray<CommandPaletteHandler> handlers,
        IActorRef listener,
        TimeSpan idleTimeout
    )
    {
        (_client, _stream, _handlers) = (client, client.GetStream(), handlers);
        (_listener, _idleTimeout) = (listener, idleTimeout);
        client.NoDelay = true;
        _remote = client.Client.RemoteEndPoint?.ToString() ?? "?";

        Receive<PbmRequest>(request =>
        {
            if (request.Cancel is { } id)
                Context.Stop(Context.Child(NameOf(id)));
            Sender.Tell(new Taken(request.Run is { } run ? Run(run) : null));
        });
        Receive<Terminated>(_ =>
        {
            if (Running == 0)
                Rest();
        });
        Receive<IdleTooLong>(_ =>
        {
            _log.Info("pbm at {0}: closed after {1} without a command", _remote, _idleTimeout);
            Context.Stop(Self);
        });
        Receive<Closed>(closed =>
        {
            if (closed.Cause is { } cause)
                _log.Debug("pbm at {0}: {1}", _remote, cause.Message);
            Context.Stop(Self);
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private int Running => Context.GetChildren().Count() - _palettes.Count;

    protected override void PreStart()
    {
        StartIdleTimer();
        foreach (var handler in _handlers)
            _palettes[handler.Palette.ModuleName] = Context.ActorOf(handler.HandlerProps, handler.Palette.ModuleName);
        var self = Self;
        _ = ServeAsync(self).PipeTo(self, success: () => new Closed(null), failure: cause => new Closed(cause));
    }

    protected override void PostStop()
    {
        _closed.Cancel();
        _client.Dispose();
    }

    private async Task ServeAsync(IActorRef self)
    {
        await SendAsync(new(Palettes: [.. _handlers.Select(h => h.Palette.ToShape())]));
        while (await Frame.ReadAsync(_stream, Frame.RequestLengthMax, _closed.Token) is { } body)
        {
            if (
                PbmJson.Read(body, PbmJson.Default.PbmRequest) is not { } request
                || request.Run?.Words?.Any(word => word is null) == true
            )
                throw new InvalidDataException("a message that is no request");
            // What is answered at once is sent before the next request is read: who does not read is not read from for ever.
            var taken = await self.Ask<Taken>(request, Timeout.InfiniteTimeSpan, _closed.Token);
            if (taken.Refusal is { } refusal)
                await SendAsync(new(Answer: refusal));
        }
    }

    /// <returns>Why it does not run; null when it does.</returns>
    private AnswerPart? Run(RunCommand run)
    {
        var running = Running;
        if (running >= CommandsMax || !Context.Child(NameOf(run.Id)).IsNobody())
            return new(run.Id, $"{running} commands run already", AnswerPart.Failed);
        var words = run.Words ?? [];
        var handler = words.Count > 0 ? _handlers.FirstOrDefault(h => h.Palette.ModuleName == words[0]) : null;
        if (handler is null)
        {
            var known = string.Join(", ", _handlers.Select(h => h.Palette.ModuleName));
            return new(run.Id, $"no palette '{(words.Count > 0 ? words[0] : "")}': {known}", AnswerPart.Usage);
        }
        if (!new CommandParser(handler.Palette).TryParse([.. words.Skip(1)], out var command, out var error))
            return new(run.Id, error!, AnswerPart.Usage);
        var palette = _palettes[handler.Palette.ModuleName];
        Timers.Cancel(IdleTooLong.Instance);
        // First, so that a command that is under way has its connection's place.
        _listener.Tell(new PbmActivity(IsIdle: false));
        Context.Watch(
            Context.ActorOf(
                Props.Create(() => new PbmCommand(run.Id, command, palette, SendAsync, _remote)),
                NameOf(run.Id)
            )
        );
        return null;
    }

    private void Rest()
    {
        _listener.Tell(new PbmActivity(IsIdle: true));
        StartIdleTimer();
    }

    private void StartIdleTimer()
    {
        if (_idleTimeout > TimeSpan.Zero)
            Timers.StartSingleTimer(IdleTooLong.Instance, IdleTooLong.Instance, _idleTimeout);
    }

    private async Task SendAsync(PbmReply reply)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(reply, PbmJson.Default.PbmReply);
        await _sending.WaitAsync(_closed.Token);
        try
        {
            await Frame.WriteAsync(_stream, body, _closed.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    private static string NameOf(int id) => $"command-{id}";

    private sealed record IdleTooLong
    {
        public static IdleTooLong Instance { get; } = new();
    }

    private sealed record Taken(AnswerPart? Refusal);

    private sealed record Closed(Exception? Cause);
}
