using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits what a function makes of each element.</summary>
internal sealed class Select<TIn, TOut>(Func<TIn, TOut> function) : LinearStage<TIn, TOut>
{
    private readonly Func<TIn, TOut> _function = function;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic(Select<TIn, TOut> stage, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(stage, attributes)
    {
        protected override void Handle(TIn element) => Push(Out, stage._function(element));
    }
}

/// <summary>Emits what a function makes of the elements that a predicate holds for.</summary>
internal sealed class Collect<TIn, TOut>(Func<TIn, bool> isDefined, Func<TIn, TOut> function) : LinearStage<TIn, TOut>
{
    private readonly Func<TIn, bool> _isDefined = isDefined;
    private readonly Func<TIn, TOut> _function = function;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic(Collect<TIn, TOut> stage, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(stage, attributes)
    {
        protected override void Handle(TIn element)
        {
            if (stage._isDefined(element) && stage._function(element) is { } result)
                Push(Out, result);
            else
                Pull(In);
        }
    }
}

/// <summary>Emits the elements that a predicate holds for.</summary>
internal sealed class Where<T>(Predicate<T> predicate) : LinearStage<T, T>
{
    private readonly Predicate<T> _predicate = predicate;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic(Where<T> stage, Attributes attributes) : SupervisedLogic<T, T>(stage, attributes)
    {
        protected override void Handle(T element)
        {
            if (stage._predicate(element))
                Push(Out, element);
            else
                Pull(In);
        }
    }
}
