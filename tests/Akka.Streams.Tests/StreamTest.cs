using System.Collections.Immutable;
using Akka.Actor;
using Akka.Streams.Dsl;

namespace Akka.Streams.Tests;

/// <summary>An actor system and a materializer for one test.</summary>
public abstract class StreamTest : IAsyncLifetime
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    protected ActorSystem Sys { get; } =
        ActorSystem.Create("streams-test", "akka { loglevel = OFF, stdout-loglevel = OFF }");

    protected ActorMaterializer Materializer { get; private set; } = null!;

    public virtual Task InitializeAsync()
    {
        Materializer = Sys.Materializer();
        return Task.CompletedTask;
    }

    public virtual async Task DisposeAsync() => await Sys.Terminate();

    protected Task<IImmutableList<T>> Seq<T>(IGraph<SourceShape<T>, NotUsed> source) =>
        Source.FromGraph(source).RunWith(Sink.Seq<T>(), Materializer).WaitAsync(Patience);

    protected static async Task<T> Failure<T>(Task task)
        where T : Exception => await Assert.ThrowsAsync<T>(() => task.WaitAsync(Patience));

    protected static Source<int, NotUsed> Numbers(int from, int to) =>
        Source.From(Enumerable.Range(from, to - from + 1));
}
