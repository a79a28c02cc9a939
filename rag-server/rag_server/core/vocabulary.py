"""Words that programmers shorten: both spellings are one term, so that ``ctx`` finds what says ``context``."""

_SHORT = """
addr=address alloc=allocate arg=argument args=argument async=asynchronous attr=attribute attrs=attribute auth=authentication
authenticate=authentication authenticated=authentication authenticator=authentication authorization=authentication
authorize=authentication authorized=authentication bool=boolean buf=buffer cb=callback cfg=configuration char=character
cmd=command cmds=command col=column conf=configuration config=configuration configs=configuration configurable=configuration
configure=configuration configured=configuration configuring=configuration conn=connection ctx=context curr=current
db=database decl=declaration del=delete dep=dependency deps=dependency desc=description deser=deserialize dict=dictionary
diff=difference dir=directory dirs=directory doc=document docs=document documentation=document elem=element
env=environment err=error errno=error errs=error evt=event exec=execute expr=expression ext=extension exts=extension
fmt=format fn=function fs=filesystem func=function gen=generate hdr=header hdrs=header idx=index impl=implementation
info=information init=initialization initialise=initialization initialised=initialization initialize=initialization
initialized=initialization initializer=initialization int=integer iter=iterate iterator=iterate lang=language len=length
lib=library max=maximum mem=memory mgr=manager min=minimum msg=message mw=middleware net=network num=number obj=object
opt=option opts=option param=parameter params=parameter pkg=package pos=position prev=previous proc=process pwd=password
ref=reference regex=regexp repo=repository req=request resp=response ser=serialize serialise=serialize sess=session
spec=specification src=source stmt=statement str=string sync=synchronize temp=temporary tmp=temporary tx=transaction
uri=url util=utility utils=utility val=value var=variable vars=variable win=window ws=websocket
"""
FULL_WORDS: dict[str, str] = dict(pair.split("=") for pair in _SHORT.split())
