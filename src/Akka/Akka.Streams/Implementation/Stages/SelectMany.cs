using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits all elements of the sequences that a function, made anew for each run, yields.</summary>
internal sealed class StatefulSelectMany<TIn, TOut>(Func<Func<TIn, IEnumerable<TOut>>> makeFunction)
    : LinearStage<TIn, TOut>
{
    private readonly Func<Func<TIn, IEnumerable<TOut>>> _makeFunction = makeFunction;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic(StatefulSelectMany<TIn, TOut> stage, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(stage, attributes)
    {
        private Func<TIn, IEnumerable<TOut>> _function = stage._makeFunction();
        private IEnumerator<TOut>? _current;
        private bool _hasNext;

        public override void OnPull()
        {
            try
            {
                Advance();
            }
            catch (Exception error)
            {
                DropCurrent();
                Failed(error);
            }
        }

        public override void OnUpstreamFinish()
        {
            if (!_hasNext)
                CompleteStage();
        }

        public override void PostStop() => _current?.Dispose();

        protected override void Handle(TIn element)
        {
            DropCurrent();
            _current = _function(element).GetEnumerator();
            _hasNext = _current.MoveNext();
            Advance();
        }

        protected override void Restart()
        {
            _function = stage._makeFunction();
            DropCurrent();
        }

        protected override void Continue()
        {
            if (_hasNext)
                return;
            if (IsClosed(In))
                CompleteStage();
            else
                base.Continue();
        }

        private void Advance()
        {
            if (!_hasNext)
            {
                if (IsClosed(In))
                    CompleteStage();
                else
                    Pull(In);
                return;
            }
            var element = _current!.Current;
            _hasNext = false;
            Push(Out, element);
            _hasNext = _current.MoveNext();
            if (!_hasNext && IsClosed(In))
                CompleteStage();
        }

        private void DropCurrent()
        {
            _hasNext = false;
            _current?.Dispose();
            _current = null;
        }
    }
}
