"""The shape of aflow-llm, made from `confguard.schemas.aflow.AflowLlm` by `python -m confguard.schemas.generate`. Do not edit."""

from confguard.words.shape import Key, Shape

SHAPE = Shape(
    kind='aflow-llm',
    title='LLMs that execute and judge workflows',
    reader='1.1',
    fields={
        'models': Key('each', needed=True, fields={
            'api_type': Key('one of openai|azure|anthropic|local', parameter='executor_api_type'),
            'base_url': Key('str', parameter='executor_base_url'),
            'api_key': Key('str', parameter='executor_api_key'),
            'model_name': Key('str', parameter='executor_model_name'),
            'temperature': Key('float', parameter='executor_temperature'),
            'top_p': Key('float', parameter='executor_top_p'),
            'max_tokens': Key('int', parameter='executor_max_tokens'),
            'no_proxy': Key('any'),
            'timeout': Key('any'),
        }),
    },
    signature=('models.*.api_type', 'models.*.base_url', 'models.*.api_key', 'models.*.model_name'),
    enough=2,
    telltales=('api_type',),
    links={},
    names={'executor_api_type': 'models.*.api_type', 'executor_base_url': 'models.*.base_url', 'executor_api_key': 'models.*.api_key', 'executor_model_name': 'models.*.model_name', 'executor_temperature': 'models.*.temperature', 'executor_top_p': 'models.*.top_p', 'executor_max_tokens': 'models.*.max_tokens'},
    synonyms=(),
)
