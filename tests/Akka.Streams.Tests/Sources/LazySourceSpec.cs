using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Tests.Sources;

public sealed class LazySourceSpec : StreamTest
{
    [Fact]
    public async Task The_value_is_that_of_the_source_once_there_was_demand()
    {
        var (value, sink) = Source
            .Lazily(() => Numbers(1, 3).MapMaterializedValue(_ => "made"))
            .ToMaterialized(Sink.Seq<int>(), Keep.Both)
            .Run(Materializer);
        Assert.Equal([1, 2, 3], await sink.WaitAsync(Patience));
        Assert.Equal("made", await value.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_factory_that_throws_fails_stream_and_value()
    {
        var (value, sink) = Source
            .Lazily<int, NotUsed>(() => throw new IOException("factory"))
            .ToMaterialized(Sink.Ignore<int>(), Keep.Both)
            .Run(Materializer);
        await Failure<IOException>(value);
        await Failure<IOException>(sink);
    }

    [Fact]
    public async Task A_source_that_cannot_start_fails_stream_and_value()
    {
        var (value, sink) = Source
            .Lazily(() => Source.FromGraph(new Broken()))
            .ToMaterialized(Sink.Ignore<int>(), Keep.Both)
            .Run(Materializer);
        await Failure<InvalidDataException>(value);
        await Failure<InvalidDataException>(sink);
    }

    [Fact]
    public async Task Attributes_around_it_count_inside()
    {
        var inside = Source.Lazily(() => Source.FromGraph(new Names())).AddAttributes(Attributes.CreateName("outer"));
        var names = await inside.RunWith(Sink.First<string>(), Materializer).WaitAsync(Patience);
        Assert.Contains("outer", names, StringComparison.Ordinal);
        var flattened = Source
            .Single(1)
            .ConcatMany(_ => Source.FromGraph(new Names()))
            .AddAttributes(Attributes.CreateName("flattened"));
        names = await flattened.RunWith(Sink.First<string>(), Materializer).WaitAsync(Patience);
        Assert.Contains("flattened", names, StringComparison.Ordinal);
    }

    private sealed class Broken : GraphStage<SourceShape<int>>
    {
        public override SourceShape<int> Shape { get; } = new(new Outlet<int>("out"));

        protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
            throw new InvalidDataException("broken");
    }

    /// <summary>Emits the names around it.</summary>
    private sealed class Names : GraphStage<SourceShape<string>>
    {
        public override SourceShape<string> Shape { get; } = new(new Outlet<string>("out"));

        protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
            new Logic(Shape, inheritedAttributes.GetNameLifted() ?? "");

        private sealed class Logic : GraphStageLogic
        {
            public Logic(SourceShape<string> shape, string names)
                : base(shape) =>
                SetHandler(
                    shape.Outlet,
                    onPull: () =>
                    {
                        Push(shape.Outlet, names);
                        CompleteStage();
                    }
                );
        }
    }
}
