using Akka.Actor;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>Says how far something is, a line every ten per cent.</summary>
internal sealed class Reporter(string doing, IActorRef asker) : IProgress<int>
{
    private const int PercentPerLine = 10;

    private int _said = -1;

    public void Note(string text) => Say($"{doing}: {text}");

    public void Report(int value)
    {
        var step = value / PercentPerLine;
        if (Interlocked.Exchange(ref _said, step) < step)
            Say($"{doing}: {step * PercentPerLine} %");
    }

    private void Say(string line) => asker.Tell(new CommandResponse(line, final: false), ActorRefs.NoSender);
}
