using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;
using Petabridge.Cmd.Protocol;

namespace Petabridge.Cmd.Host;

/// <summary>One command under way: the sender that the handler answers to. It ends with the final answer, when pbm cancels, or when
/// pbm reads more slowly than the command says.</summary>
internal sealed class PbmCommand : ReceiveActor
{
    /// <summary>Parts of an answer that wait to be sent; a handler that streams hears nothing of its reader.</summary>
    private const int WaitingMax = 16_384;

    /// <summary>Characters after which an answer goes on in a message of its own, at the end of a line: a list of a large farm's devices.</summary>
    internal const int PartLengthMax = 1 << 20;

    private readonly int _id;
    private readonly Command _command;
    private readonly IActorRef _handler;
    private readonly Func<PbmReply, Task> _send;
    private readonly string _remote;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Channel<CommandResponse> _answers = Channel.CreateBounded<CommandResponse>(WaitingMax);
    private readonly CancellationTokenSource _stopped = new();
    private bool _isAnswered;
    private volatile bool _isTooSlow;

    public PbmCommand(int id, Command command, IActorRef handler, Func<PbmReply, Task> send, string remote)
    {
        (_id, _command, _handler, _send, _remote) = (id, command, handler, send, remote);
        Receive<CommandResponse>(Answer);
        Receive<Terminated>(_ =>
            Answer(new ErroredCommandResponse("the command's handler failed; the server's log says why"))
        );
        Receive<Ended>(ended =>
        {
            _log.Info("pbm from {0}: {1}: {2}", _remote, Shown(_command), ended.How);
            Context.Stop(Self);
        });
    }

    protected override void PreStart()
    {
        Context.Watch(_handler);
        var (self, stopped) = (Self, _stopped.Token);
        _ = Task.Run(() => SendAsync(self, stopped));
        _handler.Tell(_command);
    }

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    /// <summary>What was piped into pbm is nobody's to read.</summary>
    private static Command Shown(Command command) =>
        new(
            command.Palette,
            command.Name,
            [.. command.Arguments.Select(a => a.Item1 == "--stdin" ? Tuple.Create(a.Item1, "...") : a)]
        );

    private void Answer(CommandResponse response)
    {
        if (_isAnswered)
            return;
        _isTooSlow = !_answers.Writer.TryWrite(response);
        _isAnswered = _isTooSlow || response is ErroredCommandResponse || response.Final;
        if (_isAnswered)
            _answers.Writer.Complete();
    }

    private async Task SendAsync(IActorRef self, CancellationToken stopped)
    {
        var how = "done";
        try
        {
            await foreach (var response in _answers.Reader.ReadAllAsync(stopped))
            {
                var failed = response is ErroredCommandResponse;
                how = failed ? response.Msg : how;
                var outcome =
                    failed ? AnswerPart.Failed
                    : response.Final ? AnswerPart.Done
                    : AnswerPart.More;
                var begin = 0;
                while (
                    response.Msg.Length - begin > PartLengthMax
                    && response.Msg.LastIndexOf('\n', begin + PartLengthMax, PartLengthMax) is >= 0 and var end
                )
                {
                    await _send(new(Answer: new(_id, response.Msg[begin..end], AnswerPart.More)));
                    begin = end + 1;
                }
                await _send(new(Answer: new(_id, response.Msg[begin..], outcome)));
            }
            if (_isTooSlow)
            {
                how = $"ended: {WaitingMax} parts of its answer waited to be read";
                await _send(new(Answer: new(_id, how, AnswerPart.Failed)));
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // A restart would carry the command out once more.
            how = "nobody is left to answer to";
        }
        if (!stopped.IsCancellationRequested)
            self.Tell(new Ended(how), ActorRefs.NoSender);
    }

    private sealed record Ended(string How);
}
