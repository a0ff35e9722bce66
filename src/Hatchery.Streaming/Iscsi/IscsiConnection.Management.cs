using Hatchery.Wire.Iscsi;
using Hatchery.Wire.Scsi;

namespace Hatchery.Streaming.Iscsi;

internal sealed partial class IscsiConnection
{
    private readonly Queue<TaskManagementRequest> _management = new();

    /// <summary>Aborts tasks; the answer waits until the disk is through with them (RFC 7143 section 4.2.3.3).</summary>
    private void OnTaskManagement(in TaskManagementRequest pdu)
    {
        if (!TakeNumber(pdu.Immediate, pdu.CmdSn))
            return;
        var outcome = pdu.Function switch
        {
            _ when _unit is null => TaskOutcome.Rejected,
            TaskFunction.AbortTask => AbortOne(pdu.ReferencedTaskTag),
            TaskFunction.AbortTaskSet or TaskFunction.ClearTaskSet or TaskFunction.LogicalUnitReset =>
                LunList.IsUnitZero(pdu.Lun) ? AbortAll() : TaskOutcome.NoSuchLun,
            TaskFunction.TargetWarmReset or TaskFunction.TargetColdReset => AbortAll(),
            TaskFunction.TaskReassign => TaskOutcome.ReassignNotSupported,
            _ => TaskOutcome.NotSupported,
        };
        if (outcome != TaskOutcome.Complete)
        {
            Emit(new TaskManagementResponse(outcome, pdu.TaskTag, NextStatus()));
            return;
        }
        if (_management.Count >= MaxImmediateTasks)
        {
            Emit(new TaskManagementResponse(TaskOutcome.Rejected, pdu.TaskTag, NextStatus()));
            return;
        }
        _management.Enqueue(pdu);
        AnswerManagement();
    }

    private TaskOutcome AbortOne(uint taskTag)
    {
        if (!_tasks.TryGetValue(taskTag, out var task))
            return TaskOutcome.NoSuchTask;
        AbortTask(task);
        return TaskOutcome.Complete;
    }

    private TaskOutcome AbortAll()
    {
        foreach (var task in _tasks.Values.ToArray())
            AbortTask(task);
        return TaskOutcome.Complete;
    }

    private void AbortTask(ScsiTask task)
    {
        if (IsExecuting(task))
        {
            task.IsAborted = true;
            return;
        }
        _waiting.Remove(task);
        Close(task.Command);
        Retire(task);
    }

    private void AnswerManagement()
    {
        while (_management.TryPeek(out var pdu) && !_tasks.Values.Any(t => t.IsAborted))
        {
            _management.Dequeue();
            Emit(new TaskManagementResponse(TaskOutcome.Complete, pdu.TaskTag, NextStatus()));
            if (pdu.Function == TaskFunction.TargetColdReset)
                Drain();
        }
    }

    private void OnLogout(in LogoutRequest pdu)
    {
        if (!TakeNumber(pdu.Immediate, pdu.CmdSn))
            return;
        const byte Closed = 0;
        const byte NoRecovery = 2;
        var ends = pdu.Reason is LogoutReason.CloseSession or LogoutReason.CloseConnection;
        if (ends)
            AbortAll();
        Emit(new LogoutResponse(ends ? Closed : NoRecovery, pdu.TaskTag, NextStatus(), 0, 0));
        if (ends)
            Drain();
    }
}
