using System.Net.Sockets;
using Hatchery.Streaming.Transport;

namespace Hatchery.Streaming.Tests;

/// <summary>Runs a connection's cores in a plain loop, without streams: what the stages do, for tests of the cores alone.</summary>
internal static class EngineLoop
{
    public static async Task RunAsync(Socket socket, ConnectionEngine engine)
    {
        using var signal = new SemaphoreSlim(0);
        void Wake() => signal.Release();
        engine.Attach(Wake);
        using var polled = new PolledSocket(socket);
        using var receiver = new SocketReceiver(polled, engine, Wake);
        using var sender = new SocketSender(polled, Wake);
        engine.Start();
        try
        {
            while (true)
            {
                engine.Pump();
                while (engine.WantsInput && receiver.TryTake() is { } batch)
                {
                    engine.Accept(batch);
                    engine.Pump();
                    Send(engine, sender);
                }
                Send(engine, sender);
                if (receiver.HasEnded)
                    engine.Drain();
                if (sender.HasFailed)
                    engine.Abort();
                if (engine.State == EngineState.Aborted || (engine.IsFinished && !sender.IsSending))
                    break;
                if (!engine.WantsInput || receiver.IsWaiting || receiver.HasEnded)
                    await signal.WaitAsync();
            }
        }
        finally
        {
            engine.Detach();
        }
    }

    private static void Send(ConnectionEngine engine, SocketSender sender)
    {
        while (sender.TryEnd() && !sender.HasFailed && engine.Output.Take() is { } batch)
        {
            if (!sender.Send(batch))
                return;
        }
    }
}
